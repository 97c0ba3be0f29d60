"""Runs the emulator in this process. The launcher holds the other end of standard input."""

import os
import signal
import threading


def end_with_the_launcher():
    # However the launcher ends, kill -9 included, its end of the pipe closes. The functions' processes
    # are in this process group too: nothing is left behind.
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_the_launcher, daemon=True).start()

from ministack.core import iam_actions, iam_evaluator  # noqa: E402
from ministack.services import lambda_svc  # noqa: E402
from ministack.services.cloudformation import changesets, provisioners  # noqa: E402
from samtranslator.translator import transform as sam  # noqa: E402

# A CloudFormation parameter is a string until the resource's schema makes it a number. The emulator does that
# for the other numbers of an event source mapping, but not for this one.
concurrency_of = lambda_svc._sqs_esm_concurrency


def numeric_concurrency_of(mapping, *rest):
    scaling = mapping.get("ScalingConfig")
    if scaling and "MaximumConcurrency" in scaling:
        scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
    return concurrency_of(mapping, *rest)


lambda_svc._sqs_esm_concurrency = numeric_concurrency_of

# In AWS a queue's batch calls need the permission of the single call; there is no other. The emulator asks for
# permissions that do not exist.
action_of = iam_actions.extract_iam_action


def real_action_of(service, *rest, **more):
    action = action_of(service, *rest, **more)
    return action.removesuffix("Batch") if action and service == "sqs" else action


iam_actions.extract_iam_action = real_action_of

# Of what a template says of a function, its reserved concurrency is left out.
function_handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
create_function = function_handlers["create"]


def create_function_and_reserve(logical_id, properties, *rest):
    name, attributes = create_function(logical_id, properties, *rest)
    reserved = properties.get("ReservedConcurrentExecutions")
    if reserved is not None:
        lambda_svc._functions[name]["concurrency"] = int(reserved)
    return name, attributes


function_handlers["create"] = create_function_and_reserve

# SAM reads parameters, such as whether a deployment is gradual. The emulator transforms a template as if all parameters
# had their defaults.
apply_transforms = changesets._apply_transforms
sam_transform = sam.transform


def apply_transforms_with_parameters(template, provided=None, *rest, **more):
    values = {parameter["Key"]: parameter["Value"] for parameter in provided or []}
    sam.transform = lambda document, _, *policies: sam_transform(document, values, *policies)
    return apply_transforms(template, provided, *rest, **more)


changesets._apply_transforms = apply_transforms_with_parameters

# It has no alarms on several metrics, and evaluates none of them here: such an alarm is a name and no more.
alarm_handlers = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
create_alarm = alarm_handlers["create"]


def create_alarm_or_its_name(logical_id, properties, stack, *rest):
    if "Metrics" not in properties:
        return create_alarm(logical_id, properties, stack, *rest)
    name = f"{stack}-{logical_id}"
    return name, {"Arn": f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}"}


alarm_handlers["create"] = create_alarm_or_its_name

# Everything here is plain HTTP on this machine. The bucket refuses that in AWS.
resolve_condition_key = iam_evaluator._resolve_condition_key


def as_if_by_tls(key, context):
    return "true" if key.lower() == "aws:securetransport" else resolve_condition_key(key, context)


iam_evaluator._resolve_condition_key = as_if_by_tls

# The launcher runs one function itself, in Lambda's place: it may take the roles that trust Lambda.
trusts = iam_evaluator.evaluate_trust_policy


def trusts_lambda(document, caller, *rest):
    stands_for_lambda = caller.endswith(":root") and trusts(document, "lambda.amazonaws.com", *rest)
    return stands_for_lambda or trusts(document, caller, *rest)


iam_evaluator.evaluate_trust_policy = trusts_lambda

from ministack.app import main  # noqa: E402

main()
