from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from sim import configuration
from sim.configuration import compose, experiments, read_jobs
from sim.errors import InputError
from sim.locations import CONFIGS
from sim.overrides import KEYS, rule_names
from sim.settings import Config


def test_the_reference_experiment_is_the_main_job() -> None:
    config = compose([])
    assert config.name == "reference"
    assert config.arms == (
        ("baseline", "replay"),
        ("western_sanctions", "replay"),
        ("vendor_outage", "replay"),
        ("repression_eased", "replay"),
        ("idlib_falls", "replay"),
        ("baseline", "free"),
    )
    assert {"dependence_china", "returned", "restraint_idlib"} < set(config.measure)
    assert config.pair == ("restraint/patron_effort",)
    assert (config.runs, config.start, config.end) == (200, "1991Q1", "2035Q4")
    assert config.stored_columns == config.columns != ()


def test_every_shipped_experiment_composes() -> None:
    for name in experiments():
        assert compose([f"experiment={name}"]).question


def test_an_experiment_names_one_or_several_measures_and_known_figures() -> None:
    content = compose([]).model_dump(mode="json")
    assert content["measure"][0] == "dependence_china"
    assert Config.model_validate({**content, "measure": "tension"}).measure == ("tension",)
    assert Config.model_validate({**content, "measure": ["tension", "bans"]}).measure == ("tension", "bans")
    with pytest.raises(ValidationError, match="figures"):
        Config.model_validate({**content, "figures": ["no_such_figure"]})


def test_a_scenario_replaces_every_arm_of_the_experiment() -> None:
    assert compose(["scenario=vendor_outage"]).arms == (("vendor_outage", "replay"),)
    assert compose(["scenario=[a,b]", "history=free"]).arms == (("a", "free"), ("b", "free"))
    assert compose(["scenario=/tmp/mine.yaml"]).scenarios == ("/tmp/mine.yaml",)


def test_an_arm_that_two_keys_name_is_run_once() -> None:
    assert compose(["history=free"]).arms.count(("baseline", "free")) == 1
    assert compose(["scenario=[a,a]"]).arms == (("a", "replay"),)


def test_every_key_changes_the_configuration() -> None:
    usual = compose([])
    values = {
        "scenario": "vendor_outage",
        "runs": "7",
        "seed": "7",
        "start": "2000Q1",
        "end": "2020Q4",
        "history": "free",
        "engine.threads": "3",
        "trajectories": "false",
        "trace": "true",
        "report": "false",
        "plan": "true",
        "retry": "true",
        "shard": "3/16",
        "engine.shard_runs": "7",
        "results_dir": "elsewhere",
        "theory.choice": "imitation",
        "theory.restraint": "ideology",
        "theory.accusation": "quota",
        "worldview": "cautious",
        "parameters.tenders.weight_price": "1",
        "rules.technology.sanctions": "false",
    }
    chosen_with_others = {key for key in KEYS if key.startswith(("experiment", "engine", "design", "max_runs"))}
    assert set(KEYS) - chosen_with_others <= set(values)
    for key, value in values.items():
        assert compose([f"{key}={value}"]) != usual, key


def test_parameters_and_rules_come_as_values_and_names() -> None:
    config = compose(["parameters.tenders.weight_price=1", "rules.technology.sanctions=false"])
    assert config.parameter_values() == {"tenders.weight_price": 1.0}
    assert config.switched_off() == ("technology/sanctions",)
    assert compose(["rules.technology.sanctions=true"]).switched_off() == ()


def test_a_rule_may_be_written_with_a_slash_or_a_dot() -> None:
    dotted, slashed = (read_jobs([f"rules.technology{sign}training=false"], multirun=False)[0] for sign in "./")
    assert dotted == slashed
    assert slashed.config.switched_off() == ("technology/training",)
    with pytest.raises(InputError, match=r"rules\.technology\.training is given twice"):
        compose(["rules.technology/training=false", "rules.technology.training=true"])


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("run=4", "unknown key 'run'. Did you mean 'runs'?"),
        ("sede=4", "Did you mean 'seed'?"),
        ("engine.thread=2", "Did you mean 'engine.threads'?"),
        ("runs", "'runs' is not key=value."),
        ("+seed=3", "write seed=..."),
        ("~seed=3", "write seed=..."),
        ("runs=many", "runs: must be a whole number, not 'many'."),
        ("runs=1.5", "runs: must be a whole number"),
        ("runs=true", "runs: must be a whole number"),
        ("runs=0", "runs: must be at least 1"),
        ("seed=-1", "seed: must be at least 0"),
        ("seed=9223372036854775808", "seed: must be less than"),
        ("start=1980Q1", "start: 1980Q1 lies before"),
        ("start=soon", "start: 'soon' is not a quarter"),
        ("start=2000", "start: 2000 is a year, not a quarter; write it as 2000Q1."),
        ("end=2010", "end: 2010 is a year, not a quarter; write it as 2010Q4."),
        ("start=true", "start: True is not a quarter"),
        ("end=1990Q4", "end: 1990Q4 lies before"),
        ("history=reply", "history: must be 'replay' or 'free', not 'reply'"),
        ("report=maybe", "report: write true or false, not 'maybe'."),
        ("report=yes", "report: write true or false, not 'yes'."),
        ("trace=1", "trace: write true or false, not 1."),
        ("engine=thread", "engine: there is no 'thread'. Did you mean 'threads'?"),
        ("engine.threads=0", "engine.threads: must be at least 1"),
        (
            "engine.time_limit=60",
            "engine.time_limit: engine=threads does not take it; write engine=processes or engine=",
        ),
        ("engine.address=tcp://a:1", "engine.address: engine=threads does not take it; write engine=dask with it."),
        ("experiment=refernce", "experiment: there is no 'refernce'. Did you mean 'reference'?"),
        ("trajectories=3", "trajectories: must be true, false or a list"),
        ("trajectories=ture", 'trajectories: must be true, false or a list of addresses, such as ["states[KAZ]'),
        ("trajectories=[states[KAZ].x[CHN],cells[a,b].y]", '\'trajectories=["states[KAZ].x[CHN]","cells[a,b].y"]\'.'),
        ("scenario=[baseline", "scenario: the value cannot be read: a ']' is missing. Write a list without spaces,"),
        ("scenario=baseline]", "a '[' is missing"),
        ("scenario=[]", "scenario: is empty."),
        ("scenario=3", "scenario: must be"),
        ("results_dir=", "results_dir: is empty."),
        ("history=replay,free", "add -m"),
        ("parameters.tenders=1", "write parameters.<group>.<name>=value"),
        ("parameters.tenders.weight_price=high", "parameters.tenders.weight_price: must be a number, not 'high'."),
        ("parameters.constant_none=2", "Did you mean 'parameters.tenders.constant_none'?"),
        ("parameters.weight_poverty=2", "markets.weight_poverty' or 'parameters.tenders.weight_poverty'?"),
        ("constant_none=2", "Did you mean 'parameters.tenders.constant_none'?"),
        ("parameters=2", "`steppe list parameters`"),
        ("precison.dependence_china.KAZ=0.1", "Did you mean 'precision.dependence_china.KAZ'?"),
        ("precison=0.1", "Did you mean 'precision.<outcome>'?"),
        ("desing.over=[a]", "Did you mean 'design.over'?"),
        ("desgin.over.tenders.weight_price=[0,1]", "Did you mean 'design.over.tenders.weight_price'?"),
        ("tenders.weight_price=1", "Did you mean 'parameters.tenders.weight_price'?"),
        ("rules.technology.sanction=false", "Did you mean 'rules.technology.sanctions'?"),
        ("rules.technology.sanctions=0", "rules.technology.sanctions: write true or false, not 0."),
        ("rules.training=false", "Did you mean 'rules.technology.training'?"),
        ("rules.technology/trainin=false", "Did you mean 'rules.technology.training'?"),
        ("rules.measures=false", "cannot be switched off"),
        ("rules.scenario_acts=false", "cannot be switched off"),
        ("rules=false", "write rules.<folder>.<file>=false"),
        ("technology.sanctions=false", "Did you mean 'rules.technology.sanctions'?"),
        ("seed=${nowhere}", "nowhere"),
        ("theory.choice=satisfice", "theory.choice: there is no 'satisfice'. Did you mean 'satisficing'?"),
        ("theory.restraint=evidence", "theory.restraint: there is no 'evidence'. Known: ideology,"),
        ("theory.accusation=", "theory.accusation: is empty."),
        ("theory.choise=imitation", "Did you mean 'theory.choice'?"),
        ("theory=imitation", "Did you mean 'theory.choice' or 'theory.restraint' or 'theory.accusation'?"),
        ("worldview=causious", "worldview: there is no 'causious'. Did you mean 'cautious'?"),
        ("worldview=", "worldview: is empty."),
        ("parameters.patron_effort.theory=1", "=1 contradicts theory.restraint=principal_agent, which sets it to 0."),
        ("couplings.nothing=held", "couplings.nothing: there is no such coupling."),
        ("couplings=held", "write couplings.<name>=held"),
    ],
)
def test_bad_input_is_one_message_that_names_the_key(override: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        compose([override])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_given_twice_and_an_end_before_the_start_are_refused() -> None:
    with pytest.raises(InputError, match=r"seed is given twice: 1 and 2\. Leave one out\."):
        compose(["seed=1", "seed=2"])
    with pytest.raises(InputError, match="end=1999Q1 lies before start=2000Q1"):
        compose(["start=2000Q1", "end=1999Q1"])


def test_multirun_makes_one_job_for_each_combination() -> None:
    jobs = read_jobs(["history=replay,free", "seed=1,2", "runs=5"], multirun=True)
    assert [job.overrides for job in jobs] == [
        ("history=replay", "seed=1", "runs=5"),
        ("history=replay", "seed=2", "runs=5"),
        ("history=free", "seed=1", "runs=5"),
        ("history=free", "seed=2", "runs=5"),
    ]
    assert [(job.config.history, job.config.seed) for job in jobs][2] == ("free", 1)
    lists = read_jobs(["scenario=[a,b],c"], multirun=True)
    assert [job.config.scenarios for job in lists] == [("a", "b"), ("c",)]


def test_rules_are_those_of_the_schedule_that_have_a_switch() -> None:
    from sim.rules.schedule import ALWAYS_ON, NAMES

    assert set(rule_names()) == set(NAMES) - set(ALWAYS_ON)


@pytest.fixture
def own_configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the configuration that a test may spoil."""
    copy = tmp_path / "configs"
    for folder in ("experiment", "engine", "design"):
        shutil.copytree(CONFIGS / folder, copy / folder)
    shutil.copy(CONFIGS / "config.yaml", copy)
    monkeypatch.setattr(configuration, "CONFIGS", copy)
    return copy


def test_an_own_experiment_is_one_file(own_configs: Path) -> None:
    text = "# @package _global_\nname: mine\ntitle: Mine\nquestion: Why?\nscenarios: [baseline]\nruns: 3\n"
    (own_configs / "experiment" / "mine.yaml").write_text(text)
    config = compose(["experiment=mine"])
    assert (config.name, config.runs, config.arms) == ("mine", 3, (("baseline", "replay"),))
    assert compose(["experiment=mine", "runs=9"]).runs == 9


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("scenario: [baseline]", "configs/experiment/mine.yaml: unknown key 'scenario'. Did you mean 'scenarios'?"),
        ("runs: few", "runs: must be a whole number"),
        ("validation: {scenario: baseline, history: free, runs: 4}", "unknown key 'validation.runs'"),
        ("name: a/b", "name: must be of the form"),
        ("scenarios: [baseline", "configuration:"),
    ],
)
def test_a_fault_in_an_own_experiment_is_named(own_configs: Path, line: str, words: str) -> None:
    text = "# @package _global_\nname: mine\ntitle: Mine\nquestion: Why?\nscenarios: [baseline]\n"
    kept = [old for old in text.splitlines() if old.partition(":")[0] != line.partition(":")[0]]
    (own_configs / "experiment" / "mine.yaml").write_text("\n".join([*kept, line]) + "\n")
    with pytest.raises(InputError) as caught:
        compose(["experiment=mine"])
    assert words in str(caught.value)


@pytest.mark.parametrize("key", ["title", "question"])
def test_a_missing_key_is_named(own_configs: Path, key: str) -> None:
    lines = ["# @package _global_", "name: mine", "title: Mine", "question: Why?", "scenarios: [baseline]"]
    text = "\n".join(line for line in lines if not line.startswith(key))
    (own_configs / "experiment" / "mine.yaml").write_text(text)
    with pytest.raises(InputError, match=f"'{key}' is missing"):
        compose(["experiment=mine"])


@pytest.mark.parametrize(
    ("overrides", "differences"),
    [
        ((), ""),
        (("runs=7", "report=false", "trajectories=false"), ""),
        (("parameters.tenders.weight_poverty=2.5",), "tenders.weight_poverty = 2.5"),
        (("scenario=vendor_outage", "history=free"), "scenario vendor_outage; history free"),
        (("scenario=[baseline,./own/mine.yaml]",), "scenarios baseline, mine"),
        (("start=1995Q1", "end=2020Q4", "seed=7"), "from 1995Q1; to 2020Q4; seed 7"),
        (("rules.technology.sanctions=false",), "technology/sanctions off"),
        (("rules.technology.sanctions=true", "seed=1"), ""),
        (("theory.choice=imitation", "worldview=rusi_sco"), "theory imitation; worldview rusi_sco"),
        (("theory.restraint=principal_agent", "worldview=all"), ""),
    ],
)
def test_the_title_says_what_differs_from_the_experiment_as_shipped(
    overrides: tuple[str, ...], differences: str
) -> None:
    config = compose(overrides)
    assert config.title == compose([]).title != ""
    assert config.full_title == (f"{config.title}: {differences}" if differences else config.title)


def test_what_an_experiment_sets_itself_is_no_difference(own_configs: Path) -> None:
    text = "# @package _global_\nname: mine\ntitle: Mine\nquestion: Why?\nscenarios: [baseline]\nseed: 9\n"
    text += "parameters: {tenders: {weight_price: 1.0}}\nrules: {technology: {sanctions: false}}\n"
    (own_configs / "experiment" / "mine.yaml").write_text(text)
    assert compose(["experiment=mine", "seed=9"]).full_title == "Mine"
    changed = compose(["experiment=mine", "seed=1", "rules.technology.sanctions=true"])
    assert changed.full_title == "Mine: technology/sanctions on; seed 1"


def test_the_question_is_the_experiments_as_long_as_its_scenarios_are_run() -> None:
    assert compose([]).is_own_question
    assert compose(["history=free", "seed=3"]).is_own_question
    every = "baseline,idlib_falls,repression_eased,vendor_outage,western_sanctions"
    assert compose([f"scenario=[{every}]"]).is_own_question
    assert not compose(["scenario=vendor_outage"]).is_own_question


def test_a_configuration_is_frozen() -> None:
    config = compose([])
    with pytest.raises(ValueError, match="frozen"):
        config.runs = 3  # type: ignore[misc]
    assert isinstance(config, Config)


def test_an_experiment_may_pair_its_runs_and_no_command_does(own_configs: Path) -> None:
    text = "# @package _global_\nname: mine\ntitle: Mine\nquestion: Why?\nscenarios: [baseline]\n"
    (own_configs / "experiment" / "mine.yaml").write_text(f"{text}pair: [technology/sanctions]\n")
    config = compose(["experiment=mine"])
    assert (config.pair, config.arms) == (("technology/sanctions",), (("baseline", "replay"),))
    assert compose(["experiment=cooperation"]).pair == ()
    with pytest.raises(InputError, match=r"unknown key 'pair'"):
        compose(["experiment=mine", "pair=[technology/vendors]"])


# Theories, worldviews and variants


def test_a_value_that_a_theory_sets_may_be_typed_if_it_is_the_same() -> None:
    both = compose(["theory.restraint=reputation", "parameters.patron_effort.theory=1"])
    assert both.theory.restraint == "reputation"
    with pytest.raises(InputError, match=r"mix_quota=0.5 contradicts theory.accusation=quota, which sets it to 1"):
        compose(["theory.accusation=quota", "parameters.accusation.mix_quota=0.5"])
    assert compose(["parameters.accusation.mix_quota=0.5"]).theory.accusation == "mixture", "whose shares are free"


def test_theories_and_worldviews_can_be_run_each_on_its_own() -> None:
    jobs = read_jobs(["theory.choice=random_utility,imitation", "worldview=all,cautious"], multirun=True)
    named = [(job.config.theory.choice, job.config.worldview) for job in jobs]
    assert named == [(choice, view) for choice in ("random_utility", "imitation") for view in ("all", "cautious")]


VARIANTS = "# @package _global_\nname: mine\ntitle: Mine\nquestion: Why?\nscenarios: [baseline]\nvariants:\n  "


def with_variants(own_configs: Path, line: str, *asked: str) -> Config:
    (own_configs / "experiment" / "mine.yaml").write_text(f"{VARIANTS}{line}\n")
    return compose(["experiment=mine", *asked])


def test_a_variant_differs_from_the_default_point_in_what_it_sets_alone(own_configs: Path) -> None:
    line = "other: {theory: {choice: imitation}, worldview: cautious, parameters: {tenders: {weight_price: 0.5}}}"
    config = with_variants(own_configs, line, "theory.restraint=ideology", "parameters.tenders.weight_hedging=1")
    assert list(config.points()) == ["default", "other"]
    at = config.points()["other"]
    assert at.theory.model_dump() == {"choice": "imitation", "restraint": "ideology", "accusation": "mixture"}
    assert (at.worldview, config.worldview) == ("cautious", "all")
    assert at.parameter_values() == {"tenders.weight_hedging": 1.0, "tenders.weight_price": 0.5}
    assert config.parameter_values() == {"tenders.weight_hedging": 1.0}
    assert (at.variants, at.arms, at.seed) == ({}, config.arms, config.seed)
    assert at.differences(config) == ["theory imitation", "worldview cautious", "tenders.weight_price = 0.5"]
    assert config.full_title == "Mine: theory ideology; tenders.weight_hedging = 1"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("default: {worldview: cautious}", "mine.yaml: variants.default: 'default' is the name of another point"),
        ("paired: {worldview: cautious}", "variants.paired: 'paired' is the name of another point"),
        ("other: {}", "variants.other: sets nothing"),
        ("other: {world_view: cautious}", "unknown key 'variants.other.world_view'. Did you mean 'worldview'?"),
        ("other: {worldview: cautios}", "variants.other: worldview: there is no 'cautios'. Did you mean 'cautious'?"),
        (
            "other: {theory: {choise: imitation}}",
            "variants.other: theory: there is no 'choise'. Did you mean",
        ),
        ("other: {theory: {choice: quota}}", "variants.other: theory.choice: there is no 'quota'."),
        ("other: {couplings: {nothing: held}}", "variants.other: couplings.nothing: there is no such coupling."),
        (
            "other: {theory: {restraint: ideology}, parameters: {patron_effort: {theory: 1.0}}}",
            "variants.other: parameters.patron_effort.theory=1 contradicts theory.restraint=ideology",
        ),
    ],
)
def test_a_fault_in_a_variant_is_named(own_configs: Path, line: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        with_variants(own_configs, line)
    assert words in str(caught.value)


def test_no_command_sets_variants() -> None:
    with pytest.raises(InputError, match="unknown key 'variants'"):
        compose(["variants={}"])


def test_couplings_are_those_of_the_model() -> None:
    config = compose(["couplings.leverage=held"])
    assert (config.couplings, config.differences(compose([]))) == ({"leverage": "held"}, ["leverage held"])
    assert compose(["couplings.leverage=live"]).differences(compose([])) == []
    with pytest.raises(InputError, match=r"couplings.levrage: there is no such coupling\. Did you mean 'leverage'"):
        compose(["couplings.levrage=held"])
    with pytest.raises(InputError, match=r"couplings.leverage: must be 'live' or 'held', not 'dead'"):
        compose(["couplings.leverage=dead"])
