"""python-telegram-bot against the stand-in of Telegram's Bot API."""

import asyncio
import base64
import http.server
import json
import os
import threading
import unittest
import urllib.error
import urllib.request

import telegram
from telegram import error as errors
from telegram.request import HTTPXRequest

from common import BASE_URL, KOREAN, Case, png, png_size

TOKEN = "123456:ORACLE"
USER = {"id": 42, "first_name": "길동", "last_name": "홍", "username": "gd", "language_code": "ko", "is_premium": True}
FORUM = {"id": -1001234567890, "title": "그룹", "type": "supergroup", "is_forum": True}
SECRET = "s3cr3t-Token_1"
WAIT = "?wait_ms=20000"


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE_URL}/_control/telegram{path}", data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def act(kind, wait="", **fields):
    return control("POST", f"/bots/{TOKEN}/actions{wait}", {"from": USER, "kind": kind, **fields})


def fault(method, kind, **fields):
    control("POST", "/rules", {"match": {"method": method}, "fault": {"kind": kind, **fields}})


class Hook:
    """A webhook that takes updates as the library's own server does."""

    def __enter__(self):
        self.updates, self.answers = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                right = handler.headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
                right = right and handler.headers["Content-Type"] == "application/json"
                self.updates.append(json.loads(body))
                status, answer = self.answers.pop(0) if self.answers else (200 if right else 403, b"")
                handler.send_response(status)
                handler.send_header("Content-Length", str(len(answer)))
                handler.end_headers()
                handler.wfile.write(answer)

            def log_message(handler, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tg"
        threading.Thread(target=self.server.serve_forever).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class BotCase(Case):
    def setUp(self):
        control("DELETE", "")

    def ask(self, call, token=TOKEN, timeout=20):
        """What the library makes of a call, or of several in a row."""

        async def asking():
            request = HTTPXRequest(read_timeout=timeout, write_timeout=timeout, media_write_timeout=timeout)
            bot = telegram.Bot(token, f"{BASE_URL}/bot", f"{BASE_URL}/file/bot", request=request)
            async with request:
                return await call(bot)

        return asyncio.run(asking())

    def raises(self, error_class, call, **options):
        return self.fails(error_class, lambda: self.ask(call, **options))


class Methods(BotCase):
    def setUp(self):
        super().setUp()
        act("text", text="/start")

    def test_who_the_bot_is(self):
        me = self.ask(lambda bot: bot.get_me())
        self.assertEqual((me.id, me.is_bot, me.can_read_all_group_messages), (123456, True, False))

    def test_texts_with_markup_keyboards_and_replies(self):
        keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Again", callback_data="again:1")]])

        async def talk(bot):
            sent = await bot.send_message(
                42,
                "<b>안녕</b> & hi",
                parse_mode="HTML",
                reply_markup=keyboard,
                reply_parameters=telegram.ReplyParameters(1),
            )
            self.assertEqual((sent.text, sent.entities[0].type, sent.entities[0].length), ("안녕 & hi", "bold", 2))
            self.assertEqual((sent.chat.type, sent.reply_to_message.text, sent.reply_markup), ("private", "/start", keyboard))
            edited = await bot.edit_message_text("done", 42, sent.message_id)
            self.assertEqual((edited.text, edited.reply_markup), ("done", None))
            self.assertGreaterEqual(edited.edit_date, edited.date)
            self.assertTrue(await bot.delete_message(42, sent.message_id))
            for action in telegram.constants.ChatAction:
                self.assertTrue(await bot.send_chat_action(42, action))

        self.ask(talk)

    def test_photos_documents_and_albums(self):
        picture = png(1024, 512)

        async def draw(bot):
            photo = await bot.send_photo(42, picture, caption=KOREAN, filename="image.png")
            self.assertEqual([size.width for size in photo.photo], [90, 320, 800, 1024])
            again = await bot.send_photo(42, photo.photo[-1].file_id)
            self.assertEqual(again.photo[-1], photo.photo[-1])
            media = telegram.InputMediaPhoto(png(64, 64), caption="new")
            edited = await bot.edit_message_media(media, 42, photo.message_id)
            self.assertEqual((edited.photo[-1].width, edited.caption), (64, "new"))
            media = telegram.InputMediaDocument(picture, filename="orig.png")
            edited = await bot.edit_message_media(media, 42, photo.message_id)
            self.assertEqual((edited.document.file_name, edited.photo), ("orig.png", ()))
            edited = await bot.edit_message_caption(42, photo.message_id, caption="last")
            self.assertEqual(edited.caption, "last")
            document = await bot.send_document(42, picture, filename="원본.png")
            self.assertEqual((document.document.file_size, document.document.thumbnail.width), (len(picture), 90))
            file = await bot.get_file(document.document.file_id)
            self.assertEqual(png_size(bytes(await file.download_as_bytearray())), (1024, 512))
            text = await bot.send_message(42, "drawing")
            turned = await bot.edit_message_media(telegram.InputMediaPhoto(picture), 42, text.message_id)
            self.assertEqual((turned.text, turned.photo[-1].width), (None, 1024))
            items = [telegram.InputMediaPhoto(picture, caption="2"), telegram.InputMediaPhoto(png())]
            album = await bot.send_media_group(42, items)
            self.assertEqual({message.media_group_id for message in album}, {album[0].media_group_id})
            self.assertEqual([message.photo[-1].width for message in album], [1024, 64])

        self.ask(draw)

    def test_menus_and_webhooks(self):
        async def settle(bot):
            self.assertTrue(await bot.set_my_commands([("draw", "그리기")], language_code="ko"))
            info = await bot.get_webhook_info()
            self.assertEqual((info.url, info.pending_update_count), ("", 1))
            await bot.set_webhook(
                "https://bot.example.com/tg",
                max_connections=40,
                allowed_updates=["message", "callback_query"],
                drop_pending_updates=True,
                secret_token=SECRET,
            )
            info = await bot.get_webhook_info()
            self.assertEqual((info.url, info.pending_update_count), ("https://bot.example.com/tg", 0))
            self.assertEqual((info.max_connections, info.allowed_updates), (40, ("message", "callback_query")))
            with self.assertRaises(errors.Conflict):
                await bot.get_updates()
            self.assertTrue(await bot.delete_webhook())
            act("text", text="hello")
            [update] = await bot.get_updates()
            self.assertEqual(update.message.text, "hello")

        self.ask(settle)

    def test_every_refusal_is_a_bad_request_with_its_words(self):
        send = lambda chat, text, **more: lambda bot: bot.send_message(chat, text, **more)
        picture = lambda file: lambda bot: bot.send_photo(42, file)
        for call, words in [
            (send(43, "x"), "Chat not found"),
            (send(42, "x" * 4097), "Message is too long"),
            (send(42, "<b>x", parse_mode="HTML"), "Can't parse entities"),
            (send(42, "x", reply_parameters=telegram.ReplyParameters(99)), "Message to be replied not found"),
            (send(42, "x", message_thread_id=9), "Message thread not found"),
            (picture(b"<html>"), "Image_process_failed"),
            (picture(png(21, 1)), "Photo_invalid_dimensions"),
            (picture("https://example.com/a.png"), "Failed to get http url content"),
            (lambda bot: bot.edit_message_text("x", 42, 99), "Message to edit not found"),
            (lambda bot: bot.delete_message(42, 99), "Message to delete not found"),
            (lambda bot: bot.get_file("AgAC"), "Invalid file_id"),
            (lambda bot: bot.answer_callback_query("1"), "Query is too old"),
        ]:
            with self.subTest(words):
                self.assertTrue(self.raises(errors.BadRequest, call).message.lower().startswith(words.lower()))

        async def twice(bot):
            sent = await bot.send_message(42, "same")
            await bot.edit_message_text("same", 42, sent.message_id)

        self.assertIn("is not modified", self.raises(errors.BadRequest, twice).message)


class Errors(BotCase):
    SEND = staticmethod(lambda bot: bot.send_message(42, "x"))

    def setUp(self):
        super().setUp()
        act("text", text="/start")

    def test_a_user_who_has_blocked_the_bot(self):
        act("block")
        self.assertEqual(self.raises(errors.Forbidden, self.SEND).message, "Forbidden: bot was blocked by the user")

    def test_tokens(self):
        self.raises(errors.InvalidToken, lambda bot: bot.get_me(), token="1:no/token")
        control("POST", "", {"tokens": [TOKEN]})
        self.raises(errors.InvalidToken, lambda bot: bot.get_me(), token="1:other")

    def test_limits_of_rates(self):
        control("POST", "", {"rate_limits": {"private_per_second": 1000, "overall_per_second": 1000, "group_per_minute": 1}})
        act("text", chat=FORUM, text="/start")
        send = lambda bot: bot.send_message(FORUM["id"], "x")
        self.ask(send)
        wait = self.raises(errors.RetryAfter, send)._retry_after
        self.assertTrue(1 <= wait.total_seconds() <= 60, wait)

    def test_each_fault_has_its_class(self):
        for kind, fields, error_class in [
            ("rate_limited", {"retry_after_ms": 12000}, errors.RetryAfter),
            ("error", {"status": 500}, errors.NetworkError),
            ("error", {"status": 413}, errors.NetworkError),
            ("error", {"status": 401}, errors.InvalidToken),
            ("error", {"status": 403}, errors.Forbidden),
            ("bad_gateway", {}, errors.NetworkError),
            ("reset", {}, errors.NetworkError),
            ("reset", {"cut": "lost_answer"}, errors.NetworkError),
            ("broken_json", {}, errors.TelegramError),
        ]:
            with self.subTest(kind=kind, **fields):
                control("PUT", "", {})
                fault("sendMessage", kind, **fields)
                self.raises(error_class, self.SEND)
        history = control("GET", f"/bots/{TOKEN}/chats/42")
        self.assertEqual([message["by_bot"] for message in history["messages"]], [False, True, True])

    def test_an_answer_that_is_too_slow(self):
        fault("sendMessage", "slow", ms=600000)
        self.raises(errors.TimedOut, self.SEND, timeout=0.5)


class Updates(BotCase):
    def test_every_update_is_one_for_the_library(self):
        with Hook() as hook:
            keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Again", callback_data="again:1")]])

            async def open_shop(bot):
                await bot.set_webhook(hook.url, secret_token=SECRET)
                act("text", WAIT, text="🎨 /draw 고양이")
                return (await bot.send_message(42, "x", reply_markup=keyboard)).message_id

            mine = self.ask(open_shop)
            picture = base64.b64encode(png(1280, 900)).decode()
            act("photo", WAIT, data=picture, caption="make it blue")
            act("document", WAIT, data=picture, file_name="a.png", mime_type="image/png")
            act("photo", WAIT, data=picture, media_group_id="77")
            act("text", WAIT, text="this one", reply_to=mine)
            act("edit", WAIT, message_id=1, text="/draw 강아지")
            act("press", WAIT, message_id=mine, data="again:1")
            act("text", WAIT, chat=FORUM, message_thread_id=3, text="/draw@standin_123456_bot cat")
            act("block", WAIT)
            bot = telegram.Bot(TOKEN)
            updates = [telegram.Update.de_json(update, bot) for update in hook.updates]
            for update, raw in zip(updates, hook.updates):
                self.assertEqual(dict(update.api_kwargs), {}, "a field that the library does not know")
                self.assertEqual(update.effective_user.id, 42)
                # The old name of the thumbnail is in `api_kwargs` of the document, and nothing else anywhere.
                message = update.effective_message
                if message is not None and update.callback_query is None:
                    self.assertEqual(dict(message.api_kwargs), {})
            texts, photo, document, of_album, reply, edited, press, topic, blocked = updates
            entities = texts.message.parse_entities()
            self.assertEqual(list(entities.values()), ["/draw"])
            self.assertEqual((texts.effective_user.language_code, texts.effective_user.is_premium), ("ko", True))
            self.assertEqual(([size.width for size in photo.message.photo], photo.message.caption), ([90, 320, 800, 1280], "make it blue"))
            self.assertEqual(document.message.document.mime_type, "image/png")
            self.assertEqual(of_album.message.media_group_id, "77")
            self.assertTrue(reply.message.reply_to_message.from_user.is_bot)
            self.assertEqual((edited.edited_message.text, edited.message), ("/draw 강아지", None))
            self.assertEqual((press.callback_query.data, press.callback_query.message.reply_markup), ("again:1", keyboard))
            self.assertTrue(self.ask(lambda bot: bot.answer_callback_query(press.callback_query.id, "ok")))
            self.assertEqual((topic.message.message_thread_id, topic.message.is_topic_message), (3, True))
            self.assertTrue(topic.effective_chat.is_forum)
            self.assertEqual(blocked.my_chat_member.new_chat_member.status, "kicked")
            ids = [update.update_id for update in updates]
            self.assertEqual(ids, sorted(set(ids)))

    def test_a_webhook_that_fails_hears_it_again(self):
        control("POST", "", {"backoff_ms": [1, 2]})
        with Hook() as hook:
            self.ask(lambda bot: bot.set_webhook(hook.url, secret_token=SECRET))
            hook.answers += [(500, b""), (404, b"")]
            done = act("text", WAIT, text="hello")
            self.assertTrue(done["arrived"])
            self.assertEqual([update["update_id"] for update in hook.updates], [done["update_id"]] * 3)
            info = self.ask(lambda bot: bot.get_webhook_info())
            self.assertEqual(info.last_error_message, "Wrong response from the webhook: 404 Not Found")
            self.assertIsNotNone(info.last_error_date.tzinfo)

    def test_a_webhook_may_answer_with_a_method(self):
        with Hook() as hook:
            self.ask(lambda bot: bot.set_webhook(hook.url, secret_token=SECRET))
            hook.answers.append((200, json.dumps({"method": "sendMessage", "chat_id": 42, "text": "heard"}).encode()))
            act("text", WAIT, text="hello")
            history = control("GET", f"/bots/{TOKEN}/chats/42")
            self.assertEqual(history["messages"][1]["message"]["text"], "heard")


if __name__ == "__main__":
    unittest.main()
