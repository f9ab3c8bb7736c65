"""Words that are no answer are looked for in the other ways to hear them: never over words that are one, never for
figures, and never silently."""

import pytest

from okno.dialogs import expected_turns
from okno.dialogs import scenario as scenarios
from okno.dialogs.turn import NEARLY, Keys, Said, State, Turn, settled, start, step


def _at(name: str, node: str, *heard: Said | Keys) -> tuple[scenarios.Scenario, State]:
    """The dialog at this question, after what was heard."""
    scenario = scenarios.shipped(name)
    turn = start(scenario, "ru", expected_turns.sample(name), mode="text")
    for one in heard:
        turn = settled(scenario, step(scenario, turn.state, one), lambda seeks: {"found": False})
    assert turn.state.node == node
    return scenario, turn.state


@pytest.fixture
def asked() -> tuple[scenarios.Scenario, State]:
    """The debt notice at the question when the resident will pay."""
    return _at("debt_notice", "ask_when", Keys("1"), Keys("12#"))


def _heard(asked: tuple[scenarios.Scenario, State], text: str, *others: str) -> Turn:
    scenario, state = asked
    return step(scenario, state, Said(text, others=others))


def test_an_answer_that_is_none_is_the_first_other_way_that_is_one(asked):
    after = _heard(asked, "Чепиял работу.", "Почарел работу.", "Потерял работу.", "Подавайте в суд.")
    assert (after.state.node, after.understood.value) == ("hardship", "hardship")
    assert after.understood.confidence <= NEARLY
    assert after.state.slots["words"] == "Потерял работу."


def test_words_that_are_an_answer_stand_whatever_else_they_may_be(asked):
    assert _heard(asked, "Уже заплатил.", "Подавайте в суд.").state == _heard(asked, "Уже заплатил.").state


def test_where_no_way_to_hear_it_is_an_answer_the_question_is_asked_again(asked):
    after = _heard(asked, "Чепиял роботу.", "Почарел.")
    assert (after.state.node, after.state.misses) == ("ask_when", 1)


def test_the_number_of_a_flat_is_never_looked_for_in_other_ways():
    scenario, state = _at("debt_notice", "verify", Keys("1"))
    assert step(scenario, state, Said("Двенадцать.")).state.node == "ask_when"
    after = step(scenario, state, Said("Девинасадь.", others=("Двенадцать.",)))
    assert (after.state.node, after.state.misses) == ("verify", 1)


def test_a_day_heard_otherwise_is_read_back_before_it_is_kept(asked):
    after = _heard(asked, "Фатницу.", "В пятницу.")
    assert after.state.node == "confirm"
    assert not after.actions


def test_a_yes_in_another_way_to_hear_many_words_is_none(asked):
    scenario, _state = asked
    _, hello = _at("debt_notice", "hello")
    assert step(scenario, hello, Said("Побаша дома.", others=("Да ведь побаша дома.",))).state.node == "hello"
    assert step(scenario, hello, Said("Та.", others=("Да.",))).state.node == "verify"


@pytest.fixture
def denied(asked) -> tuple[scenarios.Scenario, State]:
    """The debt notice after "no" to a promise that was read back: the right day is asked for."""
    return _at("debt_notice", "again", Keys("1"), Keys("12#"), Said("двадцать пятого числа"), Said("нет"))


def test_what_was_denied_is_not_heard_again(denied):
    same = _heard(denied, "Двадцать пятого числа.", "Двадцать пятого.", "Двадцатого числа.")
    assert (same.state.node, same.state.slots["on"].day) == ("confirm", 20)
    assert _heard(denied, "Двадцать пятого числа.").state.misses == 1


def test_another_sum_with_the_day_that_was_denied_is_a_correction(denied):
    after = _heard(denied, "Двадцать пятого числа, три тысячи рублей.")
    assert (after.state.node, after.state.slots["minor"]) == ("confirm", 300_000)


def test_whoever_types_what_was_denied_means_it(denied):
    scenario, state = denied
    assert step(scenario, state, Keys("2511#")).state.node == "confirm"


@pytest.mark.parametrize(("name", "heard"), [("intake", ()), ("debt_notice", (Keys("1"), Keys("12#")))])
def test_a_danger_in_any_way_to_hear_the_words_is_heard_at_once(name, heard):
    scenario, state = _at(name, "hello" if not heard else "ask_when", *heard)
    after = step(scenario, state, Said("Мы завтряли в лифт.", others=("Мы застряли в лифте.",)))
    assert "danger" in {action["do"] for action in after.actions}


@pytest.mark.parametrize("told", ["Нет.", "Нет нет.", "Нет, нет, нет."])
def test_no_said_more_than_once_is_no_place(told):
    scenario, state = _at("intake", "place_ask", Said("течёт кран"))
    after = step(scenario, state, Said(told))
    assert after.state.slots.get("place") is None
    assert after.state.node != "place_ask"


def test_a_word_written_together_with_the_one_before_it_is_heard():
    scenario, state = _at("announcement", "heard")
    assert step(scenario, state, Said("Анадолго?")).state.node == "once_more"


def test_a_language_that_one_way_of_several_names_is_not_asked_for(asked):
    alone = _heard(asked, "У нас в казахша пахнет.", "У нас казам пахнет.", "У нас в казам пахнет.")
    assert alone.state.language == "ru"
    assert _heard(asked, "Казахша.", "Казахшо.").state.language == "kk"
    assert _heard(asked, "Говорите казахша.", "Говорите, казахша!", "Ворите казахша.").state.language == "kk"


def test_words_stand_in_the_place_of_figures_in_another_way_to_hear_them_but_no_other_figures():
    scenario, state = _at("readings", "meter", Keys("1"))
    broken = step(scenario, state, Said("Ещё чек сломан", others=("Щодчик сломан", "Счётчик сломан")))
    assert {"no_reading", "request"} <= {action["do"] for action in broken.actions}
    figures = step(scenario, state, Said("Стурт весит", others=("Сто двадцать пять",)))
    assert (figures.state.node, figures.state.misses) == ("meter", 1)


def test_a_yes_among_many_words_that_may_be_something_else_is_asked_again():
    scenario, state = _at("visit", "hello")
    told = "Да не дурглопозли обеда."
    doubtful = step(scenario, state, Said(told, others=("Да, но только после обеда.",)))
    assert (doubtful.state.node, doubtful.state.misses, doubtful.actions) == ("hello", 1, ())
    surely = step(scenario, state, Said("Да, конечно, приходите.", others=("Да конечно приходит.",)))
    assert "confirm_visit" in {action["do"] for action in surely.actions}
