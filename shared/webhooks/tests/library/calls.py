"""What the library makes of calls: reads JSON lines of them, and writes one for each with what it thinks and signs."""

import json
import sys
from datetime import datetime, timezone

from standardwebhooks import Webhook, WebhookVerificationError

for line in sys.stdin:
    call = json.loads(line)
    webhook = Webhook(call["secret"])
    headers, body = call["headers"], call["body"]
    try:
        webhook.verify(body.encode(), headers)
        refused = None
    except WebhookVerificationError as error:
        refused = str(error)
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=timezone.utc)
    print(json.dumps({"refused": refused, "signature": webhook.sign(headers["webhook-id"], at, body)}))
