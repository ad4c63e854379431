"""Settings resolve to defaults, values or a message; they never raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.config import Settings, describe, merge, resolve


def test_nothing_sent_means_the_defaults():
    assert resolve(None) == (Settings(), ())
    assert resolve({}) == (Settings(), ())


def test_values_arrive_where_they_belong():
    settings, problems = resolve(
        {
            "gate": {"mode": "off", "exploration": 0.1},
            "verify": {"budgetS": 5},
            "trusted": True,
            "languages": {"c": False},
        }
    )
    assert problems == ()
    assert (settings.gate.mode, settings.gate.exploration) == ("off", 0.1)
    assert settings.verify.budget_s == 5.0
    assert settings.trusted is True
    assert settings.languages == {"c": False}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"gate": {"mode": "loud"}}, ["gate.mode", "loud", "balanced"]),
        ({"gate": "off"}, ["gate", "object"]),
        ({"gat": {}}, ["gat", "no setting"]),
        ({"verify": {"budgetS": "long"}}, ["verify.budgetS", "from 1 to 600", "20.0"]),
        ({"verify": {"budgetS": True}}, ["verify.budgetS", "true"]),
        ({"verify": {"budgetS": 1e9}}, ["verify.budgetS", "600"]),
        ({"verify": {"python": 3}}, ["verify.python", "text"]),
        ({"trusted": 1}, ["trusted", "ask"]),
        ({"languages": ["python"]}, ["languages", "object"]),
        ({"languages": {"python": "no"}}, ["languages.python", "true or false"]),
        ({"backend": {"mode": "psychic"}}, ["backend.mode", "psychic"]),
        ([], ["object", "a list"]),
        ("off", ["object", "text"]),
    ],
)
def test_a_bad_value_costs_one_message_and_keeps_the_default(options, words):
    settings, problems = resolve(options)
    assert len(problems) == 1
    assert all(word in problems[0] for word in words), problems[0]
    assert settings == Settings()


def test_one_bad_value_does_not_spoil_the_others():
    settings, problems = resolve({"gate": {"mode": "quiet", "nonsense": 1}, "log": {"level": "debug"}})
    assert len(problems) == 1
    assert settings.gate.mode == "quiet"
    assert settings.log.level == "debug"


def test_later_options_win_over_earlier_ones():
    first = {"gate": {"mode": "off", "exploration": 0.1}, "trusted": True}
    assert merge(first, {"gate": {"mode": "quiet"}}) == {"gate": {"mode": "quiet", "exploration": 0.1}, "trusted": True}
    assert merge(first, None) == first
    assert merge(None, first) == first


def test_every_setting_is_described():
    names = [setting.name for setting in describe()]
    assert {"gate.mode", "verify.budgetS", "trusted", "languages", "log.level"} <= set(names)
    assert all(setting.doc for setting in describe())


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([s.name.split(".")[-1] for s in describe()] + ["gate", "verify", "x"]), inner)
    ),
)


@given(_json)
def test_no_options_whatever_raise(options):
    settings, problems = resolve(options)
    assert isinstance(settings, Settings)
    assert all(isinstance(problem, str) for problem in problems)
