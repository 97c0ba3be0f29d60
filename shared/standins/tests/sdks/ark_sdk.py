"""byteplus-python-sdk-v2 against the stand-in of BytePlus ARK."""

import base64
import unittest
import urllib.request

import byteplussdkarkruntime as ark
from byteplussdkarkruntime import _exceptions as errors

from common import BASE_URL, PROMPT, Case, png

MODEL = "seedream-4-5-251128"
JPEG = b"\xff\xd8\xff"


def client(**options):
    options = {"max_retries": 0, **options}
    return ark.Ark(api_key="any", base_url=f"{BASE_URL}/api/v3", **options)


def draw(tag="", **more):
    more = {"size": "2560x1440", "response_format": "b64_json", "watermark": False, **more}
    return client().images.generate(model=MODEL, prompt=f"{PROMPT} {tag}", **more)


class Images(Case):
    def test_a_picture_inside_the_answer(self):
        answer = draw()
        [picture] = answer.data
        self.assertTrue(base64.b64decode(picture.b64_json).startswith(JPEG))
        self.assertEqual(picture.size, "2560x1440")
        self.assertEqual((answer.model, answer.usage.generated_images), (MODEL, 1))
        self.assertEqual(answer.usage.output_tokens, 2560 * 1440 // 256)

    def test_a_picture_behind_a_link(self):
        [picture] = draw(response_format="url").data
        with urllib.request.urlopen(picture.url) as file:
            self.assertTrue(file.read().startswith(JPEG))

    def test_references_one_and_several(self):
        uri = "data:image/png;base64," + base64.b64encode(png()).decode()
        for image in [uri, [uri, uri]]:
            self.assertEqual(draw(image=image).usage.generated_images, 1)

    def test_a_picture_that_failed_within_a_200(self):
        [picture] = draw("[image safety]").data
        self.assertEqual(picture.error["code"], "OutputImageSensitiveContentDetected")
        self.assertEqual(draw("[no image]").data, [])

    def test_what_the_real_one_refuses(self):
        error = self.fails(errors.ArkBadRequestError, lambda: draw(size="1024x1024"), code="InvalidParameter")
        self.assertIn("at least 3686400 pixels", error.message)


class Errors(Case):
    TABLE = {
        "[error 400]": (errors.ArkBadRequestError, 400, "InvalidParameter"),
        "[blocked]": (errors.ArkBadRequestError, 400, "InputTextSensitiveContentDetected"),
        "[error 401]": (errors.ArkAuthenticationError, 401, "AuthenticationError"),
        "[bad key]": (errors.ArkAuthenticationError, 401, "AuthenticationError"),
        "[error 403]": (errors.ArkPermissionDeniedError, 403, "AccountOverdueError"),
        "[wrong place]": (errors.ArkPermissionDeniedError, 403, "OperationDenied.PermissionDenied"),
        "[error 404]": (errors.ArkNotFoundError, 404, "ModelNotOpen"),
        "[retired]": (errors.ArkNotFoundError, 404, "InvalidEndpointOrModel.NotFound"),
        "[error 409]": (errors.ArkConflictError, 409, "Conflict"),
        "[error 422]": (errors.ArkUnprocessableEntityError, 422, "Unprocessable"),
        "[limited]": (errors.ArkRateLimitError, 429, "ModelAccountIpmRateLimitExceeded"),
        "[quota]": (errors.ArkRateLimitError, 429, "QuotaExceeded"),
        "[error 500]": (errors.ArkInternalServerError, 500, "InternalServiceError"),
        "[error 503]": (errors.ArkInternalServerError, 503, "ServiceUnavailable"),
    }

    def test_each_error_has_its_class_and_its_fields(self):
        for tag, (error_class, status, code) in self.TABLE.items():
            with self.subTest(tag):
                error = self.fails(error_class, lambda: draw(tag), status_code=status, code=code)
                self.assertIn("Request id: ", error.message)

    def test_a_page_of_a_proxy(self):
        self.fails(errors.ArkInternalServerError, lambda: draw("[bad gateway]"), status_code=502)

    def test_what_gets_no_answer(self):
        impatient = client(timeout=0.5)
        ask = lambda tag: lambda: impatient.images.generate(
            model=MODEL, prompt=f"{PROMPT} {tag}", size="2560x1440", watermark=False
        )
        self.fails(errors.ArkAPITimeoutError, ask("[hang]"))
        self.fails(errors.ArkAPIConnectionError, ask("[reset]"))


if __name__ == "__main__":
    unittest.main()
