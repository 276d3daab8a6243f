# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from router.errors import ConfigError, ConflictError, PostweicheError, StorageError
from router.store.cluster import Cluster, claim_folder
from router.store.keeper import processes_in

_UNSAFE = {"fsync": "off", "full_page_writes": "off"}
_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change users")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped server's folder; tests copy it, as a restored backup."""
    folder = tmp_path_factory.mktemp("made")
    with Cluster(folder, options=_UNSAFE) as cluster:
        _ask(cluster, "CREATE TABLE kept (value text)")
        _ask(cluster, "INSERT INTO kept VALUES ('before')")
    return folder / "postgres"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "data"
    _copy(made, data)
    yield data
    assert _wait(lambda: not Cluster(data).running), "the server was left running"


def _copy(made: Path, data: Path) -> None:
    data.mkdir(mode=0o700, parents=True)
    shutil.copytree(made, data / "postgres")
    (data / "postgres").chmod(0o700)


def _connect(cluster: Cluster) -> "psycopg.Connection[tuple[str]]":
    return psycopg.connect(cluster.url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def _ask(cluster: Cluster, statement: str) -> str | None:
    with _connect(cluster) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def _wait(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _processes(data: Path) -> list[int]:
    handle = os.open(data / "postgres", os.O_RDONLY | os.O_DIRECTORY)
    try:
        return processes_in(handle)
    finally:
        os.close(handle)


def _postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _keeper(data: Path) -> int:
    status = Path(f"/proc/{_postmaster(data)}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))


def _start_in_child(data: Path, account: bool = False) -> "subprocess.Popen[str]":
    program = (
        "import sys; from pathlib import Path; from router.store.cluster import Cluster\n"
        "cluster = Cluster(Path(sys.argv[1]), options={'fsync': 'off'}); cluster.start()\n"
        "print(cluster.url, flush=True); sys.stdin.read(); cluster.stop()"
    )
    return subprocess.Popen(
        [*(_python_of_nobody() if account else [sys.executable]), "-c", program, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        env=_environment(),
    )


def _python_of_nobody() -> list[str]:
    """Return the start of a command that runs this version of Python as the user nobody."""
    change = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    # The virtual environment's own interpreter may lie in a home that is closed to others.
    for python in (str(Path(sys.executable).resolve()), f"/usr/bin/python{version}"):
        can = subprocess.run([*change, "test", "-x", python], check=False).returncode == 0
        if can:
            return [*change, python]
    pytest.skip("the user nobody finds no Python of this version")


def _environment() -> dict[str, str]:
    paths = [str(Path(__file__).parents[3]), sysconfig.get_path("purelib")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def _line(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    return next((line for line in child.stdout if line.startswith("postgresql")), "")


def _end(child: "subprocess.Popen[str]") -> None:
    child.communicate(timeout=60)


def test_is_private_and_checks_its_pages(folder: Path) -> None:
    with Cluster(folder) as cluster:
        settings = {name: _ask(cluster, f"SHOW {name}") for name in (
            "data_checksums", "listen_addresses", "server_encoding", "fsync", "synchronous_commit",
            "log_min_error_statement", "timezone",
        )}  # fmt: skip
        socket = folder / "postgres" / ".s.PGSQL.5432"
        assert socket.is_socket()
        assert socket.stat().st_mode & 0o077 == 0
        assert Path(f"/proc/{_postmaster(folder)}").stat().st_uid != 0
        assert _ask(cluster, "SELECT current_user") == "postweiche"
    assert settings == {
        "data_checksums": "on", "listen_addresses": "", "server_encoding": "UTF8", "fsync": "on",
        "synchronous_commit": "on", "log_min_error_statement": "panic", "timezone": "UTC",
    }  # fmt: skip


def test_starts_quickly_and_stops_cleanly(folder: Path) -> None:
    start = time.monotonic()
    cluster = Cluster(folder)
    cluster.start()
    seconds = time.monotonic() - start
    assert _ask(cluster, "SELECT value FROM kept") == "before"
    cluster.stop()
    assert _processes(folder) == []
    assert not (folder / "postgres" / "postmaster.pid").exists()
    assert seconds < 3.0


def test_start_and_stop_twice_do_no_harm(folder: Path) -> None:
    cluster = Cluster(folder)
    cluster.stop()
    cluster.start()
    cluster.start()
    cluster.stop()
    cluster.stop()


def test_is_shared_and_the_last_one_stops_it(folder: Path) -> None:
    with Cluster(folder) as first:
        before = _postmaster(folder)
        second = _start_in_child(folder)
        assert _line(second)
        assert _postmaster(folder) == before
        first.stop()
        assert _processes(folder) != []
        first.start()
        assert _ask(first, "SELECT value FROM kept") == "before"
        _end(second)
        assert _ask(first, "SELECT value FROM kept") == "before"
        assert _postmaster(folder) == before
    assert _processes(folder) == []


def test_server_of_a_killed_process_stops_by_itself(folder: Path) -> None:
    child = _start_in_child(folder)
    assert _line(child)
    child.kill()
    child.communicate()
    assert _wait(lambda: _processes(folder) == [])
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_killed_server_comes_back(folder: Path) -> None:
    with Cluster(folder) as cluster:
        _ask(cluster, "INSERT INTO kept VALUES ('committed')")
        for _attempt in range(2):
            killed = _postmaster(folder)
            os.kill(killed, signal.SIGKILL)
            assert _wait(lambda: _answers(cluster))
            assert _postmaster(folder) != killed
        assert _ask(cluster, "SELECT count(*)::text FROM kept") == "2"


def test_killed_keeper_is_replaced(folder: Path) -> None:
    with Cluster(folder) as cluster:
        killed = _keeper(folder)
        os.kill(killed, signal.SIGKILL)
        assert _wait(lambda: (folder / "postgres" / "postmaster.pid").exists() and _keeper_lives(folder, killed))
        assert _wait(lambda: _answers(cluster))


def _keeper_lives(folder: Path, killed: int) -> bool:
    try:
        return _keeper(folder) not in (killed, 1)
    except (OSError, ValueError, IndexError):
        return False


def _answers(cluster: Cluster) -> bool:
    try:
        return _ask(cluster, "SELECT value FROM kept LIMIT 1") == "before"
    except psycopg.OperationalError:
        return False


def test_everything_killed_at_once_recovers(folder: Path) -> None:
    child = _start_in_child(folder)
    assert _line(child)
    with Cluster(folder) as cluster:
        _ask(cluster, "INSERT INTO kept VALUES ('committed')")
    keeper = _keeper(folder)
    for pid in (child.pid, keeper):  # so that neither starts anything anew
        os.kill(pid, signal.SIGSTOP)
    for pid in (*_processes(folder), keeper, child.pid):
        os.kill(pid, signal.SIGKILL)
    child.communicate()
    assert (folder / "postgres" / "postmaster.pid").exists()
    start = time.monotonic()
    with Cluster(folder) as cluster:
        assert _ask(cluster, "SELECT count(*)::text FROM kept") == "2"
    assert time.monotonic() - start < 10.0


def test_lock_file_that_names_a_stranger_is_no_obstacle(folder: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (folder / "postgres" / "postmaster.pid").write_text(
            f"{stranger.pid}\n/elsewhere\n0\n5432\n.\n\n", encoding="ascii"
        )
        with Cluster(folder) as cluster:
            assert _ask(cluster, "SELECT value FROM kept") == "before"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_only_one_service_on_a_folder(tmp_path: Path) -> None:
    with claim_folder(tmp_path), pytest.raises(ConflictError, match="→"), claim_folder(tmp_path):
        pass
    with claim_folder(tmp_path):
        pass


def test_other_major_version_is_refused(folder: Path) -> None:
    (folder / "postgres" / "PG_VERSION").write_text("12\n", encoding="ascii")
    with pytest.raises(ConfigError, match="12"):
        Cluster(folder).start()


def test_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "mine").write_text("x", encoding="ascii")
    with pytest.raises(ConfigError):
        Cluster(tmp_path).start()
    assert (tmp_path / "postgres" / "mine").exists()


def test_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x", encoding="ascii")
    with pytest.raises(ConfigError):
        Cluster(tmp_path / "data").start()


def test_unfinished_making_starts_afresh(tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres.new" / "base").mkdir(parents=True)
    (tmp_path / "data" / "postgres.new" / "PG_VERSION").write_text("15\n", encoding="ascii")
    with Cluster(tmp_path / "data", options=_UNSAFE) as cluster:
        assert _ask(cluster, "SELECT 'made'") == "made"
    assert not (tmp_path / "data" / "postgres.new").exists()


def test_broken_server_says_where_to_look(folder: Path) -> None:
    shutil.rmtree(folder / "postgres" / "global")
    with pytest.raises(StorageError, match=r"postgres\.log") as caught:
        Cluster(folder).start()
    assert caught.value.exit_status == 74
    assert "global" in (folder / "postgres.log").read_text() + "".join(
        path.read_text() for path in (folder / "postgres" / "log").glob("*.log")
    )


@pytest.mark.parametrize("name", ["-Köln, Straße 'q\" %20%s+{folder}\n", "x" * 120])
def test_any_path_will_do(made: Path, name: str) -> None:
    with tempfile.TemporaryDirectory() as above:
        # As /root and many a home: closed to the user the server runs as.
        Path(above).chmod(0o700)
        data = Path(above) / name
        _copy(made, data)
        with Cluster(data) as cluster:
            assert _ask(cluster, "SELECT value FROM kept") == "before"
        assert _processes(data) == []


def test_relative_path_survives_a_change_of_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    with Cluster(Path("data")) as cluster:
        monkeypatch.chdir("/")
        assert _ask(cluster, "SELECT value FROM kept") == "before"


@_AS_ROOT
def test_ordinary_user_and_root_share_it(tmp_path: Path) -> None:
    # Tests side by side have one folder more above them.
    for above in (tmp_path, *tmp_path.parents[:3]):
        if above != Path(tempfile.gettempdir()):
            above.chmod(0o755)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.chown(data, "nobody")
    child = _start_in_child(data, account=True)
    assert _line(child)
    assert Path(f"/proc/{_postmaster(data)}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    with Cluster(data) as cluster:
        assert _ask(cluster, "SELECT 'root'") == "root"
    _end(child)
    with Cluster(data):
        assert Path(f"/proc/{_postmaster(data)}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    child = _start_in_child(data, account=True)
    assert _line(child), "root's visit locked the owner out"
    _end(child)


@_AS_ROOT
def test_another_users_folder_is_refused(folder: Path) -> None:
    for above in (folder, *folder.parents[:3]):
        above.chmod(0o755)
    program = (
        "import sys; from pathlib import Path; from router.store.cluster import Cluster\n"
        "from router.errors import PostweicheError\n"
        "try: Cluster(Path(sys.argv[1])).start()\n"
        "except PostweicheError as error: sys.exit(error.exit_status)"
    )
    answer = subprocess.run(
        [*_python_of_nobody(), "-c", program, str(folder)],
        cwd=Path(__file__).parents[3], env=_environment(), check=False,
    )  # fmt: skip
    assert answer.returncode == ConfigError.exit_status
    assert issubclass(ConfigError, PostweicheError)
