"""Money that comes during a talk of several accounts: the one in hand turns to thanks, another is known as paid."""

from okno.dialogs import expected_turns
from okno.dialogs.live import paid
from okno.dialogs.scenario import shipped
from okno.dialogs.turn import Keys, Said, State, start, step

DEBT = {"months": 1, "plan_payments": 6, "plan_minor": 1000, "may_hear": True, "outage": None}
ONE = {"account_id": 7, "account": "1", "address": "ул. Ленина, 5, кв. 12", "flat": 12, "debt": 600_000, **DEBT}
OTHER = {"account_id": 8, "account": "2", "address": "ул. Мира, 1, кв. 3", "flat": 3, "debt": 100_000, **DEBT}


def talk(*answers: str, state: State | None = None) -> tuple[State, list[str]]:
    scenario = shipped("incoming")
    facts = {**expected_turns.sample("incoming"), "several": True, "accounts": [ONE, OTHER], "account_id": None}
    turn = start(scenario, "ru", facts, mode="text") if state is None else None
    said = [phrase.name for phrase in turn.say] if turn else []
    state = turn.state if turn else state
    for answer in answers:
        assert state is not None
        turn = step(scenario, state, Keys(answer[1:]) if answer.startswith("#") else Said(answer))
        state, said = turn.state, [*said, *(phrase.name for phrase in turn.say)]
    assert state is not None
    return state, said


def test_a_talk_knows_every_account_it_may_speak_of():
    state, _said = talk()
    assert paid.accounts_of(state.facts, None) == {7, 8}


def test_only_the_account_in_hand_whose_debt_was_told_turns_to_thanks():
    state, said = talk("сколько я должен", "да", "двенадцать")
    assert "debt_told" in said
    assert paid.speaks_of(state, 7, None)
    assert not paid.speaks_of(state, 8, None)


def test_nobody_is_thanked_before_the_debt_was_told():
    state, _said = talk("сколько я должен", "да")
    assert not paid.speaks_of(state, 7, None)


def test_an_account_paid_meanwhile_is_known_as_paid_when_the_caller_comes_to_it():
    state, _said = talk("сколько я должен", "да", "двенадцать", "завтра", "да", "нет")
    _state, said = talk("сколько я должен", "нет", "да", "три", state=paid.without_debt(state, {8}))
    assert "nothing_owed" in said
    assert "debt_told" not in said


def test_an_account_paid_before_its_flat_was_named_is_known_as_paid():
    state, _said = talk("сколько я должен", "да")
    _state, said = talk("двенадцать", state=paid.without_debt(state, {7}))
    assert "nothing_owed" in said
    assert "debt_told" not in said
