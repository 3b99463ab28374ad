import pytest

from stepwell.settings import Settings, SettingsError, load_settings


@pytest.fixture
def settings(tmp_path):
    """The settings that a text gives, in a folder with a folder `services`."""
    (tmp_path / "services").mkdir()

    def read(text):
        (tmp_path / "stepwell.toml").write_text(text)
        return load_settings(tmp_path / "stepwell.toml")

    return read


def test_a_function_is_complete_with_its_defaults(settings, tmp_path):
    found = settings('[functions.check-name]\nhandler = "data.check_name"').functions["check-name"]
    assert (found.handler, found.path) == ("data.check_name", str(tmp_path))
    assert (found.timeout, found.memory, found.concurrency, found.environment) == (60, None, 4, {})


def test_all_that_can_be_said_about_a_function_is_read(settings, tmp_path):
    text = '[functions.f]\nhandler = "a.b.c"\npath = "services"\ntimeout = 1.5\nmemory = 512\nconcurrency = 9\n'
    found = settings(text + 'environment = { KEY = "value" }').functions["f"]
    assert found.path == str(tmp_path / "services")
    assert (found.timeout, found.memory, found.concurrency, found.environment) == (1.5, 512, 9, {"KEY": "value"})


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("[functions.f]\npath = '.'", "functions.f", "missing required field `handler`"),
        ("[functions.f]\nhandler = 'a'", "functions.f.handler", "matching regex"),
        ("[functions.f]\nhandler = 7", "functions.f.handler", "Expected `str`, got `int`"),
        ("[functions.f]\nhandler = 'a.b'\ntimeuot = 1", "functions.f", "unknown field `timeuot`"),
        ("[functions.f]\nhandler = 'a.b'\ntimeout = 0", "functions.f.timeout", "> 0"),
        ("[functions.f]\nhandler = 'a.b'\nmemory = 3", "functions.f.memory", ">= 64"),
        ("[functions.f]\nhandler = 'a.b'\nconcurrency = 0", "functions.f.concurrency", ">= 1"),
        ("[functions.f]\nhandler = 'a.b'\nenvironment = { A = 1 }", "functions.f.environment", "Expected `str`"),
        (
            "[functions.f]\nhandler = 'a.b'\nenvironment = { _HANDLER = '' }",
            "functions.f.environment._HANDLER",
            "set by",
        ),
        ("[functions.f]\nhandler = 'a.b'\npath = 'nowhere'", "functions.f.path", "is no folder. Create it"),
        ("[functions.'a b']\nhandler = 'a.b'", "functions.a b", "is no name of a function"),
        ("functions = 7", "functions", "must be a table"),
        ("functions.f = 7", "functions.f", "Expected `object`, got `int`"),
        ("functions.folder = 7", "functions.folder", "must be a text"),
        ("functions.folder = 'nowhere'", "functions.folder", "is no folder"),
        ("[function.f]", "function", "is no section"),
        ("[http]\nallow = ['127.1']", "http.allow", "'127.1' is no address"),
        ("[http]\nallow = '127.0.0.1'", "http.allow", "It has allow"),
        ("[http]\nallowed = []", "http", "It has allow"),
        ("[logs]\ndestination = 'tape'", "logs.destination", "Invalid enum value 'tape'"),
        ("[logs]\nfolder = 'x'", "logs", "unknown field `folder`"),
        ("logs = 7", "logs", "Expected `object`, got `int`"),
        ("[functions", "", "is not TOML"),
    ],
)
def test_what_can_not_be_used_is_told_with_its_file_and_key(settings, tmp_path, text, key, problem):
    with pytest.raises(SettingsError) as told:
        settings(text)
    assert str(told.value).startswith(f"{tmp_path / 'stepwell.toml'}: {key}")
    assert problem in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SettingsError, match="can't be read: No such file"):
        load_settings(tmp_path / "stepwell.toml")


def test_without_a_file_the_working_directory_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_settings(None) == Settings()
    (tmp_path / "stepwell.toml").write_text("[functions.f]\nhandler = 'a.b'")
    assert list(load_settings(None).functions) == ["f"]


def test_modules_with_a_handler_in_the_folder_are_functions(settings, tmp_path):
    services = tmp_path / "services"
    for name, text in {
        "defined": "def handler(event, context): ...",
        "assigned": "handler = print",
        "imported": "from os import getpid as handler",
        "broken": "def handler(:",
        "helpers": "def other(): ...\nclass A:\n    def handler(self): ...",
        "not-a-module": "def handler(event, context): ...",
    }.items():
        (services / f"{name}.py").write_text(text)
    (services / "package").mkdir()
    (services / "package" / "__init__.py").write_text("def handler(event, context): ...")
    found = settings("[functions]\nfolder = 'services'").functions
    assert sorted(found) == ["assigned", "broken", "defined", "imported", "package"]
    assert (found["package"].handler, found["package"].path) == ("package.handler", str(services))


def test_a_declared_function_comes_before_a_found_one(settings, tmp_path):
    (tmp_path / "services" / "f.py").write_text("def handler(event, context): ...")
    text = "[functions]\nfolder = 'services'\n[functions.f]\nhandler = 'f.handler'\npath = 'services'\ntimeout = 7"
    assert settings(text).functions["f"].timeout == 7


def test_where_execution_logs_go_can_be_said(settings):
    assert settings("").logs.destination == "auto"
    assert settings("[logs]\ndestination = 'stdout'").logs.destination == "stdout"


def test_what_may_be_called_can_be_said(settings):
    assert settings("").http.allow == []
    assert settings("[http]\nallow = ['127.0.0.0/8', 'billing.internal']").http.allow == [
        "127.0.0.0/8",
        "billing.internal",
    ]


def test_changes_of_status_stay_here_unless_the_file_says_otherwise(tmp_path):
    file = tmp_path / "stepwell.toml"
    file.write_text("")
    assert not load_settings(file).events.forward_status_changes
    file.write_text('[events]\nforward_status_changes = true\nforwarded_source = "mine"\n')
    assert load_settings(file).events.forwarded_source == "mine"
    file.write_text("[events]\nforward = true\n")
    with pytest.raises(SettingsError, match=r"events.*forward_status_changes"):
        load_settings(file)
