"""Runs the emulator in this process. The launcher holds the other end of standard input."""

import os
import signal
import sys
import threading


def end_with_the_launcher():
    # However the launcher ends, kill -9 included, its end of the pipe closes. The functions' processes
    # are in this process group too: nothing is left behind.
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_the_launcher, daemon=True).start()

from ministack.services import lambda_svc  # noqa: E402

# A CloudFormation parameter is a string until the resource's schema makes it a number. The emulator does that
# for the other numbers of an event source mapping, but not for this one.
concurrency_of = lambda_svc._sqs_esm_concurrency


def numeric_concurrency_of(mapping, *rest):
    scaling = mapping.get("ScalingConfig")
    if scaling and "MaximumConcurrency" in scaling:
        scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
    return concurrency_of(mapping, *rest)


lambda_svc._sqs_esm_concurrency = numeric_concurrency_of

from ministack.app import main  # noqa: E402

main()
