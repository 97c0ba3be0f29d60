"""openai-python against the stand-in of the Images and the Responses API."""

import base64
import unittest

import openai
from pydantic import BaseModel

from common import BASE_URL, KOREAN, PROMPT, Case, png, png_size

IMAGE_MODEL = "gpt-image-2"
TEXT_MODEL = "gpt-5.6-luna"
REQUEST_ID = "req_0123456789abcdef"


class Recipe(BaseModel):
    name: str
    steps: list[str]


def client(**options):
    return openai.OpenAI(api_key="any", base_url=f"{BASE_URL}/v1", **{"max_retries": 0, **options})


def draw(tag="", **more):
    more = {"size": "1280x720", "quality": "medium", **more}
    return client().images.generate(model=IMAGE_MODEL, prompt=f"{PROMPT} {tag}", **more)


def write(tag="", **more):
    options = {"model": TEXT_MODEL, "input": f"{PROMPT} {tag}", "reasoning": {"effort": "none"}}
    return client().responses.create(**{**options, **more})


class Images(Case):
    def test_a_picture(self):
        answer = draw(output_format="png", background="opaque", moderation="auto", n=1, user="u-hash")
        self.assertEqual(png_size(base64.b64decode(answer.data[0].b64_json)), (1280, 720))
        self.assertEqual((answer.size, answer.quality, answer.output_format), ("1280x720", "medium", "png"))
        usage = answer.usage
        self.assertEqual(usage.total_tokens, usage.input_tokens + usage.output_tokens)
        self.assertEqual(answer._request_id, REQUEST_ID)

    def test_references_one_and_several(self):
        one = ("a.png", png(), "image/png")
        for image in [one, [one, ("b.png", png(32, 32), "image/png")]]:
            answer = client().images.edit(model=IMAGE_MODEL, prompt=PROMPT, image=image, size="1024x1024")
            self.assertEqual(png_size(base64.b64decode(answer.data[0].b64_json)), (1024, 1024))
            self.assertGreater(answer.usage.input_tokens_details.image_tokens, 0)

    def test_a_refused_prompt(self):
        for tag in ["[blocked]", "[image safety]"]:
            self.fails(
                openai.BadRequestError,
                lambda: draw(tag),
                code="moderation_blocked",
                type="image_generation_user_error",
                request_id=REQUEST_ID,
            )

    def test_what_the_real_one_refuses(self):
        self.fails(openai.BadRequestError, lambda: draw(size="1280x721"), code="invalid_value", param="size")
        unknown = lambda: draw(response_format="b64_json")
        self.fails(openai.BadRequestError, unknown, code="unknown_parameter", param="response_format")


class Texts(Case):
    def test_a_text(self):
        answer = write(input=KOREAN, instructions="Be brief", max_output_tokens=1024, store=False, temperature=0.2)
        self.assertTrue(answer.output_text.startswith(KOREAN), answer.output_text)
        self.assertEqual((answer.status, answer.model, answer.instructions), ("completed", TEXT_MODEL, "Be brief"))
        self.assertEqual(answer.usage.output_tokens_details.reasoning_tokens, 0)
        self.assertEqual(answer._request_id, REQUEST_ID)

    def test_a_picture_in_the_question(self):
        image_url = "data:image/png;base64," + base64.b64encode(png()).decode()
        content = [
            {"type": "input_text", "text": "What is this?"},
            {"type": "input_image", "image_url": image_url, "detail": "auto"},
        ]
        answer = write(input=[{"role": "user", "content": content}])
        self.assertIn("What is this", answer.output_text)
        self.assertGreater(answer.usage.input_tokens, 300)

    def test_a_schema_of_pydantic_is_parsed(self):
        answer = client().responses.parse(model=TEXT_MODEL, input="A recipe", text_format=Recipe)
        self.assertIsInstance(answer.output_parsed, Recipe)
        self.assertTrue(answer.output_parsed.steps)

    def test_a_schema_that_is_not_strict_is_refused(self):
        schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
        text = {"format": {"type": "json_schema", "name": "x", "strict": True, "schema": schema}}
        error = self.fails(openai.BadRequestError, lambda: write(text=text), param="text.format.schema")
        self.assertEqual(error.code, "invalid_json_schema")

    def test_a_stream_adds_up_to_the_text(self):
        with client().responses.stream(model=TEXT_MODEL, input=PROMPT, reasoning={"effort": "low"}) as stream:
            events = list(stream)
            final = stream.get_final_response()
        deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
        self.assertGreater(len(deltas), 1)
        self.assertEqual("".join(deltas), final.output_text)
        self.assertEqual([item.type for item in final.output], ["reasoning", "message"])
        numbers = [event.sequence_number for event in write(stream=True)]
        self.assertEqual(numbers, list(range(len(numbers))))

    def test_a_stream_of_data_is_parsed(self):
        with client().responses.stream(model=TEXT_MODEL, input="A recipe", text_format=Recipe) as stream:
            for _ in stream:
                pass
            self.assertIsInstance(stream.get_final_response().output_parsed, Recipe)

    def test_the_endings_of_a_200(self):
        refusal = write("[blocked]").output[0].content[0]
        self.assertEqual(refusal.type, "refusal")
        self.assertTrue(refusal.refusal)
        cut = write("[cut off]")
        self.assertEqual((cut.status, cut.incomplete_details.reason), ("incomplete", "max_output_tokens"))
        filtered = write("[finished safety]")
        self.assertEqual((filtered.status, filtered.incomplete_details.reason), ("incomplete", "content_filter"))
        failed = write("[failed]")
        self.assertEqual((failed.status, failed.error.code, failed.usage), ("failed", "server_error", None))
        last = list(write("[failed]", stream=True))[-1]
        self.assertEqual((last.type, last.response.status), ("response.failed", "failed"))
        self.assertEqual(write("[text only]").output, [])


class Errors(Case):
    TABLE = {
        "[error 400]": (openai.BadRequestError, 400, "invalid_value", "invalid_request_error"),
        "[error 401]": (openai.AuthenticationError, 401, "invalid_api_key", "invalid_request_error"),
        "[bad key]": (openai.AuthenticationError, 401, "invalid_api_key", "invalid_request_error"),
        "[error 403]": (openai.PermissionDeniedError, 403, None, "invalid_request_error"),
        "[wrong place]": (
            openai.PermissionDeniedError,
            403,
            "unsupported_country_region_territory",
            "invalid_request_error",
        ),
        "[error 404]": (openai.NotFoundError, 404, "model_not_found", "invalid_request_error"),
        "[retired]": (openai.NotFoundError, 404, "model_not_found", "invalid_request_error"),
        "[error 408]": (openai.APIStatusError, 408, None, "server_error"),
        "[error 409]": (openai.ConflictError, 409, None, "server_error"),
        "[error 422]": (openai.UnprocessableEntityError, 422, None, "invalid_request_error"),
        "[limited]": (openai.RateLimitError, 429, "rate_limit_exceeded", "requests"),
        "[quota]": (openai.RateLimitError, 429, "insufficient_quota", "insufficient_quota"),
        "[error 500]": (openai.InternalServerError, 500, None, "server_error"),
        "[error 503]": (openai.InternalServerError, 503, None, "server_error"),
    }

    def test_each_error_has_its_class_and_its_fields(self):
        for call in [draw, write]:
            for tag, (error_class, status, code, kind) in self.TABLE.items():
                with self.subTest(tag):
                    fields = {"status_code": status, "code": code, "type": kind, "request_id": REQUEST_ID}
                    self.fails(error_class, lambda: call(tag), **fields)

    def test_an_error_in_place_of_a_stream(self):
        self.fails(openai.RateLimitError, lambda: write("[limited]", stream=True), code="rate_limit_exceeded")

    def test_a_page_of_a_proxy(self):
        self.fails(openai.InternalServerError, lambda: write("[bad gateway]"), status_code=502)

    def test_how_long_to_wait_is_said_in_two_headers(self):
        error = self.fails(openai.RateLimitError, lambda: write("[limited]"))
        headers = error.response.headers
        self.assertEqual((headers["retry-after-ms"], headers["retry-after"]), ("1500", "2"))

    def test_what_gets_no_answer(self):
        impatient = client(timeout=0.5)
        ask = lambda tag: lambda: impatient.responses.create(model=TEXT_MODEL, input=f"{PROMPT} {tag}")
        self.fails(openai.APITimeoutError, ask("[hang]"))
        self.fails(openai.APIConnectionError, ask("[reset]"))

    def test_one_retry_is_enough_for_a_limit_that_passes(self):
        answer = client(max_retries=1).responses.create(model=TEXT_MODEL, input=f"{PROMPT} [limited once]")
        self.assertEqual(answer.status, "completed")


if __name__ == "__main__":
    unittest.main()
