"""The pages of calls: who sees what, words and sound only for a reason, every listening written down."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.models import Action, Role
from okno.common import clock
from okno.dialogs.models import Call, CallTurn, Correction, Listening
from okno.houses.models import HouseScope
from okno.web.desk.calls import words
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

MOST = 16
PAGES = ("", "live/", "live/board/", "words/", "corrections/", "listening/", "results/", "results/price/", "{call}/")
WORDS = "да это я"


def at(path: str) -> str:
    return f"/desk/calls/{path}"


def text_of(answer) -> str:
    return answer.content.decode().replace("\xa0", " ")


def opened(client, call, reason: str = "Жалоба жителя на звонок"):
    return client.post(at(f"{call.pk}/open/"), {"reason": reason}, follow=True)


def sound(client, call, **headers):
    return client.get(at(f"{call.pk}/sound/"), headers=headers)


def test_the_journal_tells_every_call_and_hides_numbers_and_words(board, desk):
    shown = text_of(desk.get(at("")))
    assert shown.count("data-row") == len(board.calls)
    assert "обещание" in shown
    assert "чужой номер" in shown
    assert "+79123450001" not in shown
    assert WORDS not in shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("direction=in", {"incoming", "stranger", "with_person"}),
        ("outcome=busy", {"busy"}),
        ("result=promised", {"promised"}),
        ("unsure=1", {"promised", "complaint"}),
        ("long=1", {"complaint"}),
        ("lost=1", {"lost"}),
        ("q=Иванова", {"promised"}),
        ("q=%2B79123450002", {"wrong"}),
        ("scenario=incoming&direction=out", set()),
        ("on_from=2026-11-19", set()),
        ("on_from=2026-11-18&on_to=2026-11-18&direction=in", {"incoming", "stranger", "with_person"}),
    ],
)
def test_the_journal_is_narrowed(board, desk, query, names):
    shown = text_of(desk.get(at(f"?{query}")))
    assert {name for name, call in board.calls.items() if f"/desk/calls/{call.pk}/" in shown} == names


def test_the_journal_leaves_as_a_file_and_the_trail_says_so(board, desk):
    rows = b"".join(desk.get(at("?file=csv")).streaming_content).decode("utf-8-sig")
    assert len(rows.splitlines()) == len(board.calls) + 1
    assert Action.objects.get(verb="calls.exported")


def test_the_board_shows_who_is_on_the_phone_now(board, desk):
    shown = text_of(desk.get(at("live/")))
    assert shown.count("board-call") == 3
    assert "разговор: 1" in shown
    assert 'data-live="calls"' in shown


def test_the_last_words_of_calls_that_go_on_are_shown_for_a_reason(board, desk):
    assert "а сколько я должна" not in text_of(desk.get(at("live/")))
    assert "а сколько я должна" not in text_of(desk.get(at("live/board/")))
    assert "хотя бы несколько слов" in text_of(desk.post(at("live/words/"), {"reason": "так"}))
    desk.post(at("live/words/"), {"reason": "Стажёр ведёт первую смену"})
    assert "а сколько я должна" in text_of(desk.get(at("live/")))
    assert "а сколько я должна" in text_of(desk.get(at("live/board/")))
    assert Action.objects.get(verb="calls.live_opened").reason == "Стажёр ведёт первую смену"


def test_a_call_keeps_its_words_and_its_sound_until_a_reason_is_typed(board, desk):
    call = board.calls["promised"]
    shown = text_of(desk.get(at(f"{call.pk}/")))
    assert WORDS not in shown
    assert "Слова и запись закрыты" in shown
    assert "не уверен" in shown
    assert sound(desk, call).status_code == 409
    assert "хотя бы несколько слов" in text_of(opened(desk, call, "жал"))
    shown = text_of(opened(desk, call))
    assert WORDS in shown
    assert "okno-player" in shown
    assert "Нет согласия на сообщения" in shown
    assert Action.objects.get(verb="call.opened").reason == "Жалоба жителя на звонок"


def test_the_words_of_the_line_are_told_only_where_they_explain_something():
    ended = Call(answered_at=clock.now(), ended_by="us", words="Rejected by user")
    assert words.line_said(ended) == ""
    assert words.line_said(Call(ended_by="us", words="486 Busy Here")) == "486 Busy Here"
    assert words.line_said(Call(answered_at=clock.now(), ended_by="lost", words="no packets")) == "no packets"


def test_another_call_stays_closed(board, desk):
    opened(desk, board.calls["promised"])
    assert "вы не туда попали" not in text_of(desk.get(at(f"{board.calls['wrong'].pk}/")))


def test_a_reason_holds_for_half_an_hour(board, desk):
    from datetime import timedelta

    from okno.common import clock

    opened(desk, board.calls["promised"])
    clock.shift_to(board.street.noon + timedelta(minutes=31))
    assert WORDS not in text_of(desk.get(at(f"{board.calls['promised'].pk}/")))
    assert sound(desk, board.calls["promised"]).status_code == 409


def test_a_dispatcher_sees_the_call_and_never_its_words(board, organisation):
    client = enter(_member(organisation, Role.DISPATCHER, "d@example.org", "Дина"))
    call = board.calls["promised"]
    shown = text_of(client.get(at(f"{call.pk}/")))
    assert "Слова и запись вам закрыты" in shown
    assert WORDS not in shown
    assert "а сколько я должна" not in text_of(client.get(at("live/")))
    assert client.post(at(f"{call.pk}/open/"), {"reason": "очень надо"}).status_code == 403
    assert client.post(at("live/words/"), {"reason": "очень надо знать"}).status_code == 403
    assert "а сколько я должна" not in text_of(client.get(at("live/")))
    assert sound(client, call).status_code == 403


@pytest.mark.parametrize("role", Role.values)
def test_pages_open_to_their_roles_alone(board, organisation, role):
    client = enter(_member(organisation, role, f"{role}@example.net", role))
    see, hear = {"dispatcher", "debt_specialist", "director"}, {"debt_specialist", "director"}
    for path in PAGES:
        allowed = see if path in {"", "live/", "live/board/", "{call}/"} else hear
        status = client.get(at(path.format(call=board.calls["promised"].pk))).status_code
        assert status == (200 if role in allowed else 403), path


def test_calls_of_other_houses_and_other_organisations_are_not_there(board, organisation, outsider):
    narrow = _member(organisation, Role.DEBT_SPECIALIST, "n@example.org", "Нина", all_houses=False)
    HouseScope.objects.create(membership=narrow, house=board.street.second)
    for client in (enter(narrow), enter(outsider)):
        assert "data-row" not in text_of(client.get(at("")))
        for name in ("promised", "stranger"):
            assert client.get(at(f"{board.calls[name].pk}/")).status_code == 404
            assert client.post(at(f"{board.calls[name].pk}/open/"), {"reason": "очень надо"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("", 200, slice(None)),
        ("bytes=0-", 206, slice(None)),
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=1000-1999", 206, slice(1000, 2000)),
        ("bytes=-50", 206, slice(-50, None)),
        ("bytes=999999999-", 416, slice(0, 0)),
        ("bytes=20-10", 416, slice(0, 0)),
        ("bytes=-", 416, slice(0, 0)),
        ("pages=1-2", 200, slice(None)),
    ],
)
def test_sound_is_given_by_parts(board, desk, asked, status, part):
    call = board.calls["promised"]
    whole = board.record(board.calls["wrong"], 2.0) and open_bytes(call)
    opened(desk, call)
    answer = sound(desk, call, range=asked) if asked else sound(desk, call)
    assert answer.status_code == status
    if status == 416:
        assert answer["Content-Range"] == f"bytes */{len(whole)}"
        return
    assert b"".join(answer.streaming_content) == whole[part]
    assert int(answer["Content-Length"]) == len(whole[part])
    assert answer["Cache-Control"] == "no-store"


def open_bytes(call) -> bytes:
    from okno.dialogs.live import recordings

    return recordings.path(call.recording).read_bytes()


def test_every_listening_stands_in_the_trail_wherever_it_begins(board, desk):
    call = board.calls["promised"]
    opened(desk, call)
    for asked in ("bytes=5000-", "bytes=6000-", "bytes=0-"):
        b"".join(sound(desk, call, range=asked).streaming_content)
    assert Action.objects.filter(verb="call.listened", reason="Жалоба жителя на звонок").count() == 2


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "recordings/../../x", "recordings/none.wav"])
def test_a_recording_that_is_not_ours_is_not_found(board, desk, name):
    call = board.calls["promised"]
    call.recording = name
    call.save(update_fields=["recording"])
    assert "Записи нет" in text_of(opened(desk, call))
    assert sound(desk, call).status_code == 404


def test_a_recording_that_was_deleted_in_time_is_told_so(board, desk):
    call = board.calls["promised"]
    call.recording_deleted_at = board.street.noon
    call.save(update_fields=["recording_deleted_at"])
    assert "срок хранения вышел" in text_of(opened(desk, call)).lower()
    assert sound(desk, call).status_code == 404


def test_a_misheard_word_is_put_right_and_becomes_a_test_set(board, desk):
    call = board.calls["promised"]
    turn = call.turns.get(heard__startswith="ну наверное")
    path = at(f"{call.pk}/turns/{turn.pk}/")
    assert desk.post(path, {"text": "ну наверное в пятницу после зарплаты"}).status_code == 404
    opened(desk, call)
    answer = desk.post(path, {"text": "ну наверное в пятницу после зарплаты"}, headers={"HX-Request": "true"})
    assert "после зарплаты" in text_of(answer)
    assert desk.post(path, {"text": " "}, headers={"HX-Request": "true"}).status_code == 422
    robot = call.turns.filter(who="robot").first()
    assert desk.post(at(f"{call.pk}/turns/{robot.pk}/"), {"text": "x"}).status_code == 404
    assert Correction.objects.count() == 1
    desk.post(at("corrections/"), {"reason": "Проверочный набор"})
    page = text_of(desk.get(at("corrections/")))
    link = page.split('href="')[1:]
    found = next(one.split('"')[0].replace("&amp;", "&") for one in link if "file=csv&amp;columns" in one)
    table = b"".join(desk.get(found).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table), delimiter=";" if ";" in table.splitlines()[0] else ","))
    assert rows[1][:2] == ["ну наверное в пятницу после зар платы", "ну наверное в пятницу после зарплаты"]
    assert call.recording in rows[1]


def test_misheard_words_are_read_and_taken_away_for_a_reason_only(board, desk, manager):
    turn = CallTurn.objects.filter(call=board.calls["wrong"], who="person").first()
    Correction.objects.create(
        turn=turn, text="мы тут мамонтов не держим", author=manager.user, created_at=board.street.noon
    )
    for query in ("", "?file=csv", "?q=мамонт"):
        assert "мамонтов" not in text_of(desk.get(at(f"corrections/{query}")))
    assert desk.get(at("corrections/?file=csv")).status_code == 409
    assert desk.post(at("corrections/"), {"reason": "......"}).status_code == 422
    desk.post(at("corrections/"), {"reason": "Проверочный набор"})
    assert "мамонтов" in text_of(desk.get(at("corrections/")))
    assert Action.objects.get(verb="corrections.opened").reason == "Проверочный набор"
    b"".join(desk.get(at("corrections/?file=csv")).streaming_content)
    assert Action.objects.get(verb="corrections.exported").reason == "Проверочный набор"
    clock.shift_to(clock.now() + timedelta(minutes=31))
    assert "мамонтов" not in text_of(desk.get(at("corrections/")))


@pytest.mark.parametrize("reason", ["", "     ", "....", "-----", "1234567", "abc"])
def test_what_tells_nothing_is_no_reason(board, desk, reason):
    call = board.calls["promised"]
    opened(desk, call, reason)
    assert sound(desk, call).status_code == 409
    assert not Action.objects.filter(verb="call.opened").exists()


def test_a_reason_told_in_one_organisation_opens_nothing_in_another(board, desk, other_organisation):
    for path in ("words/", "live/words/", "corrections/"):
        desk.post(at(path), {"reason": "Разбор жалоб на лифт"})
    keys = set(desk.session["opened_calls"])
    here = board.street.organisation.pk
    assert keys == {f"search:{here}", f"live:{here}", f"corrections:{here}"}


def test_words_are_searched_for_a_reason_and_each_search_is_written_down(board, desk):
    assert "вы не туда попали" not in text_of(desk.get(at("words/?q=не туда")))
    assert desk.post(at("words/"), {"reason": "x"}).status_code == 422
    desk.post(at("words/"), {"reason": "Разбор жалоб на лифт"})
    shown = text_of(desk.get(at("words/?q=не туда")))
    assert "<mark>не туда</mark>" in shown
    assert f"/desk/calls/{board.calls['wrong'].pk}/" in shown
    assert Action.objects.get(verb="calls.searched").reason == "Разбор жалоб на лифт"
    assert "хотя бы три буквы" in text_of(desk.get(at("words/?q=не")))
    assert "никто не говорил" in text_of(desk.get(at("words/?q=мамонт")))


def test_words_that_were_put_right_are_found_by_what_was_truly_said(board, desk, manager):
    turn = CallTurn.objects.filter(call=board.calls["wrong"], who="person").first()
    Correction.objects.create(
        turn=turn, text="мы тут мамонтов не держим", author=manager.user, created_at=board.street.noon
    )
    desk.post(at("words/"), {"reason": "Разбор жалоб на лифт"})
    assert f"/desk/calls/{board.calls['wrong'].pk}/" in text_of(desk.get(at("words/?q=мамонтов")))


def test_calls_are_drawn_heard_and_marked(board, desk):
    assert desk.post(at("listening/draw/"), {"count": "10"}).status_code == 302
    assert Listening.objects.filter(drawn_why="complaint", call=board.calls["complaint"]).exists()
    assert "плохо расслышал" in text_of(desk.get(at("listening/")))
    call = board.calls["promised"]
    marks = {f"mark-{item}": value for item, value in zip(ITEMS, ("1", "1", "0", "1", "", "1", ""), strict=True)}
    assert desk.post(at(f"{call.pk}/marks/"), marks).status_code == 404
    opened(desk, call)
    desk.post(at(f"{call.pk}/marks/"), {**marks, "comment": "Не расслышал день"})
    kept = Listening.objects.get(call=call)
    assert (kept.marks["understood"], kept.marks["polite"], kept.comment) == (0, None, "Не расслышал день")
    assert "4 из 5" in text_of(desk.get(at(f"{call.pk}/")))
    assert "80 %" in text_of(desk.get(at("listening/?heard=1")))


ITEMS = ("greeted", "right_person", "understood", "answered", "polite", "written", "person")


def test_results_tell_the_funnel_and_the_cost_only_with_a_price(board, desk):
    board.promise(board.call("kept", "4", minutes_ago=5, seconds=61, result="promised"), "kept")
    shown = text_of(desk.get(at("results/")))
    assert "Цена результата не считается" in shown
    assert "<svg" in shown
    assert desk.post(at("results/price/"), {"line": "ы", "agent": "6"}).status_code == 422
    assert desk.post(at("results/price/"), {"line": "1,80", "agent": "6,50"}).status_code == 302
    shown = text_of(desk.get(at("results/")))
    assert "Цена результата не считается" not in shown
    assert Action.objects.get(verb="calls.priced").detail == {"line_minor": 180, "agent_minor": 650}


@pytest.mark.parametrize(
    "query", ["by=arm", "by=campaign", "by=day", "by=x&since=y&until=2026-99-99&campaign=99999999999999"]
)
def test_results_are_cut_in_every_way(board, desk, query):
    assert desk.get(at(f"results/?{query}")).status_code == 200


def test_empty_pages_say_what_to_do(street, desk):
    assert "Звонков ещё не было" in text_of(desk.get(at("")))
    assert "Сейчас никто не говорит" in text_of(desk.get(at("live/")))
    assert "Слушать пока нечего" in text_of(desk.get(at("listening/")))
    assert "За эти дни звонков не было" in text_of(desk.get(at("results/")))
    desk.post(at("corrections/"), {"reason": "Проверочный набор"})
    assert "Исправлений ещё нет" in text_of(desk.get(at("corrections/")))


@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_little_however_many_calls_they_show(board, desk, path):
    for number in range(12):
        call = board.call(f"more{number}", str(number % 12 + 1), minutes_ago=90 + number, seconds=30, result="promised")
        board.said(call, ("robot", "Здравствуйте"), ("person", "да", "yesno", "yes", 0.9))
    opened(desk, board.calls["promised"])
    with CaptureQueriesContext(connection) as asked:
        desk.get(at(path.format(call=board.calls["promised"].pk)))
    assert len(asked) <= MOST, [query["sql"][:110] for query in asked.captured_queries]
