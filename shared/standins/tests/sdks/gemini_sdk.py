"""google-genai, whose newest default is v1, against the stand-in of Gemini."""

import functools
import unittest

import httpx2
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from common import BASE_URL, KOREAN, PROMPT, Case, png, png_size

IMAGE_MODEL = "gemini-3-pro-image"
TEXT_MODEL = "gemini-3.8-flash"


class Recipe(BaseModel):
    name: str
    steps: list[str]


# A client that nobody holds is closed, even in the middle of its call.
@functools.cache
def client(version=None, timeout=30_000):
    http = types.HttpOptions(base_url=BASE_URL, api_version=version, timeout=timeout)
    return genai.Client(api_key="any", http_options=http)


def image_config(ratio="16:9"):
    return types.GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=ratio, image_size="1K"),
        temperature=1.0,
        top_p=0.95,
        top_k=64,
        max_output_tokens=32768,
        system_instruction="You are an illustrator.",
        safety_settings=[
            types.SafetySetting(category="HARM_CATEGORY_HARASSMENT", threshold="BLOCK_ONLY_HIGH"),
        ],
    )


def pictures(response):
    parts = response.candidates[0].content.parts
    return [part.inline_data for part in parts if part.inline_data and not part.thought]


class Images(Case):
    def test_a_picture_of_the_ratio_in_both_versions(self):
        for version in [None, "v1", "v1beta"]:
            response = client(version).models.generate_content(
                model=IMAGE_MODEL, contents=PROMPT, config=image_config()
            )
            [picture] = pictures(response)
            self.assertEqual(picture.mime_type, "image/png")
            self.assertEqual(png_size(picture.data), (1376, 768))
            self.assertEqual(response.candidates[0].finish_reason, types.FinishReason.STOP)
            self.assertEqual(response.model_version, IMAGE_MODEL)
            self.assertEqual(response.usage_metadata.candidates_token_count, 1120 + 4)

    def test_references_and_a_second_turn_that_echoes_the_signature(self):
        chat = client().chats.create(model=IMAGE_MODEL, config=image_config("1:1"))
        reference = types.Part.from_bytes(data=png(), mime_type="image/png")
        first = chat.send_message([PROMPT, reference])
        self.assertEqual(png_size(pictures(first)[-1].data), (1024, 1024))
        second = chat.send_message("Now at night")
        self.assertNotEqual(pictures(first)[-1].data, pictures(second)[-1].data)
        self.assertGreater(
            second.usage_metadata.prompt_token_count, first.usage_metadata.prompt_token_count
        )

    def test_three_ways_of_not_drawing(self):
        def draw(tag):
            return client().models.generate_content(
                model=IMAGE_MODEL, contents=f"{PROMPT} {tag}", config=image_config()
            )

        blocked = draw("[blocked]")
        self.assertIsNone(blocked.candidates)
        self.assertEqual(blocked.prompt_feedback.block_reason, types.BlockedReason.SAFETY)
        for tag, reason in [("[image safety]", "IMAGE_SAFETY"), ("[no image]", "NO_IMAGE")]:
            [candidate] = draw(tag).candidates
            self.assertIsNone(candidate.content)
            self.assertEqual(candidate.finish_reason, types.FinishReason[reason])
        words = draw("[text only]")
        self.assertEqual(pictures(words), [])
        self.assertTrue(words.text)
        self.assertEqual(draw("[new reason]").candidates[0].finish_reason.value, "A_REASON_OF_2027")

    def test_a_wrong_ratio_is_refused(self):
        call = lambda: client().models.generate_content(
            model=IMAGE_MODEL, contents=PROMPT, config=image_config("7:1")
        )
        self.fails(errors.ClientError, call, code=400, status="INVALID_ARGUMENT")


class Texts(Case):
    def test_a_text_in_both_versions(self):
        for version in ["v1", "v1beta"]:
            response = client(version).models.generate_content(
                model=TEXT_MODEL,
                contents=KOREAN,
                config=types.GenerateContentConfig(
                    system_instruction="Be brief", temperature=0.2, max_output_tokens=1024, stop_sequences=["END"]
                ),
            )
            self.assertTrue(response.text.startswith(KOREAN), response.text)
            self.assertEqual(response.candidates[0].finish_reason, types.FinishReason.STOP)

    def test_a_schema_of_pydantic_is_parsed(self):
        config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Recipe)
        response = client().models.generate_content(model=TEXT_MODEL, contents="A recipe", config=config)
        self.assertIsInstance(response.parsed, Recipe)
        self.assertTrue(response.parsed.steps)

    def test_a_json_schema_is_satisfied(self):
        config = types.GenerateContentConfig(
            response_mime_type="application/json",
            response_json_schema=Recipe.model_json_schema(),
            thinking_config=types.ThinkingConfig(thinking_level="LOW"),
        )
        response = client().models.generate_content(model=TEXT_MODEL, contents="A recipe", config=config)
        Recipe.model_validate_json(response.text)

    def test_a_stream_adds_up_to_the_text(self):
        pieces = list(client().models.generate_content_stream(model=TEXT_MODEL, contents=PROMPT))
        self.assertGreater(len(pieces), 1)
        self.assertTrue("".join(piece.text for piece in pieces).startswith(PROMPT))
        self.assertEqual(pieces[-1].candidates[0].finish_reason, types.FinishReason.STOP)
        self.assertIsNone(pieces[0].candidates[0].finish_reason)

    def test_tokens_that_run_out(self):
        config = types.GenerateContentConfig(max_output_tokens=40)
        response = client().models.generate_content(model=TEXT_MODEL, contents=PROMPT, config=config)
        self.assertEqual(response.candidates[0].finish_reason, types.FinishReason.MAX_TOKENS)


class Errors(Case):
    TABLE = {
        "[error 400]": (errors.ClientError, 400, "INVALID_ARGUMENT"),
        "[bad key]": (errors.ClientError, 400, "INVALID_ARGUMENT"),
        "[wrong place]": (errors.ClientError, 400, "FAILED_PRECONDITION"),
        "[error 401]": (errors.ClientError, 401, "UNAUTHENTICATED"),
        "[error 403]": (errors.ClientError, 403, "PERMISSION_DENIED"),
        "[error 404]": (errors.ClientError, 404, "NOT_FOUND"),
        "[retired]": (errors.ClientError, 404, "NOT_FOUND"),
        "[error 409]": (errors.ClientError, 409, "ABORTED"),
        "[limited]": (errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
        "[quota]": (errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
        "[error 499]": (errors.ClientError, 499, "CANCELLED"),
        "[error 500]": (errors.ServerError, 500, "INTERNAL"),
        "[wrapped]": (errors.ServerError, 500, "INTERNAL"),
        "[error 503]": (errors.ServerError, 503, "UNAVAILABLE"),
        "[error 504]": (errors.ServerError, 504, "DEADLINE_EXCEEDED"),
    }

    def details(self, error, kind):
        details = error.details["error"]["details"]
        return next(detail for detail in details if detail["@type"].endswith(kind))

    def test_each_error_has_its_class_and_its_fields(self):
        for model in [IMAGE_MODEL, TEXT_MODEL]:
            by_tag = {}
            for tag, (error_class, code, status) in self.TABLE.items():
                with self.subTest(tag):
                    call = lambda: client().models.generate_content(model=model, contents=f"{PROMPT} {tag}")
                    by_tag[tag] = self.fails(error_class, call, code=code, status=status)
                    self.assertTrue(by_tag[tag].message)
            self.assertEqual(self.details(by_tag["[bad key]"], "ErrorInfo")["reason"], "API_KEY_INVALID")
            self.assertEqual(self.details(by_tag["[limited]"], "RetryInfo")["retryDelay"], "1.500s")
            quota = self.details(by_tag["[quota]"], "QuotaFailure")["violations"][0]["quotaId"]
            self.assertIn("PerDay", quota)
            self.assertIn("no longer available", by_tag["[retired]"].message)

    def test_errors_without_json(self):
        ask = lambda tag: lambda: client().models.generate_content(model=TEXT_MODEL, contents=f"{PROMPT} {tag}")
        self.fails(errors.ClientError, ask("[error 408]"), code=408)
        self.fails(errors.ServerError, ask("[bad gateway]"), code=502)

    def test_an_error_in_place_of_a_stream(self):
        call = lambda: list(
            client().models.generate_content_stream(model=TEXT_MODEL, contents=f"{PROMPT} [error 503]")
        )
        self.fails(errors.ServerError, call, code=503, status="UNAVAILABLE")

    def test_what_gets_no_answer(self):
        ask = lambda tag: lambda: client(timeout=500).models.generate_content(
            model=TEXT_MODEL, contents=f"{PROMPT} {tag}"
        )
        self.fails(httpx2.ReadTimeout, ask("[hang]"))
        with self.assertRaises(httpx2.TransportError):
            ask("[reset]")()

    def test_one_retry_is_enough_for_a_limit_that_passes(self):
        retry = types.HttpRetryOptions(attempts=2, initial_delay=0.01, jitter=0)
        http = types.HttpOptions(base_url=BASE_URL, retry_options=retry)
        patient = genai.Client(api_key="any", http_options=http)
        response = patient.models.generate_content(
            model=TEXT_MODEL, contents=f"{PROMPT} [limited once]"
        )
        self.assertTrue(response.text)

    def test_an_unknown_model_and_a_retired_one(self):
        ask = lambda model: lambda: client().models.generate_content(model=model, contents=PROMPT)
        unknown = self.fails(errors.ClientError, ask("gemini-x"), code=404, status="NOT_FOUND")
        self.assertIn("is not found for API version v1", unknown.message)
        retired = self.fails(errors.ClientError, ask("gemini-3-pro-image-preview"), code=404)
        self.assertIn("no longer available", retired.message)


if __name__ == "__main__":
    unittest.main()
