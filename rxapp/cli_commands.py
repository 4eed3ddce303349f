"""Commands for the machine's operator: people, keys, sample data, imports, and what is wrong."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from rxapp.auth import keys
from rxapp.db import users
from rxapp.db.engine import reading, writing
from rxapp.db.models import JobStatus, Role
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import demo as sample
from rxapp.domain import imports, jobs, people
from rxapp.domain.doctor import Verdict, examine
from rxapp.domain.import_plan import Plan, plan
from rxapp.domain.import_rows import Existing
from rxapp.domain.jobs import JobView
from rxapp.domain.leaving import leaving
from rxapp.domain.text import email_key
from rxapp.errors import InvalidInput, NotFound
from rxapp.installation import prepare

ACTOR = "the command line"
# Between two looks at a job that another worker has taken up.
LOOK_SECONDS = 0.2
MARKS = {Verdict.OK: "✓", Verdict.NOTE: "•", Verdict.BAD: "✗"}

user = typer.Typer(help="People who work in the app.", no_args_is_help=True)
api_key = typer.Typer(help="Keys for the REST API.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.add_typer(user, name="user")
    app.add_typer(api_key, name="api-key")
    app.command("demo")(demo)
    app.command("import")(import_file)
    app.command("doctor")(doctor)


@user.command("create")
def user_create(
    email: str,
    name: Annotated[str, typer.Option(help="What the person is called.")] = "",
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.ADMIN,
) -> None:
    """Let a person sign in. The password is asked for, or read from a pipe."""
    password = _password()
    prepare()
    with writing() as session:
        made = people.create_user(session, email, name, password, role, actor=ACTOR)
    typer.echo(f"{made.email} can sign in now, as {role}.")


@user.command("password")
def user_password(email: str) -> None:
    """Give a person a new password: asked for, or read from a pipe. Signs them out everywhere."""
    password = _password()
    prepare()
    with writing() as session:
        found = users.by_email_key(session, email_key(email))
        if found is None:
            raise NotFound(f"Nobody here has the address {email}.")
        people.set_password(session, found.id, password, actor=ACTOR)
    typer.echo(
        f"{found.email} has a new password, is signed out everywhere, and earlier links for a "
        "new one are over."
    )
    if found.disabled_at is not None:
        typer.echo("The account is deactivated: an admin activates it under Settings, People.")


@api_key.command("create")
def api_key_create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.ADMIN,
) -> None:
    """Make a key and print it, this once and nothing else."""
    prepare()
    with writing() as session:
        key = keys.create(session, name, role, actor=ACTOR)
    typer.echo(key)


def demo() -> None:
    """Load sample data: partners, tags, emails and automations. Emails nobody."""
    prepare()
    with writing() as session:
        new = sample.load(session)
    typer.echo(
        f"Loaded {new.partners} partners, {new.emails} emails and {new.automations} automations."
    )
    if not new.switched_on:
        typer.echo("The program has partners of its own, so new automations are switched off.")


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    run_automations: Annotated[
        bool, typer.Option("--run-automations", help="Email those who get new tags.")
    ] = False,
    existing: Annotated[
        str, typer.Option(help="What to do with partners that exist: update or skip.")
    ] = "update",
) -> None:
    """Import partners from a CSV file. Its heading: email,first_name,last_name,company,key,tags."""
    policy = _existing(existing)
    parsed = imports.read(file.read_bytes())
    prepare()
    with reading() as session:
        planned = plan(session, parsed, policy)
    for problem in planned.problems:
        typer.echo(f"Row {problem.row} is left out: {problem.sentence}", err=True)
    with writing() as session:
        job_id = imports.start(
            session,
            planned.rows,
            actor=ACTOR,
            existing=policy,
            run_automations=run_automations,
        ).id
    _tell(planned, _finish(job_id), run_automations=run_automations)


def doctor() -> None:
    """Look for what keeps emails from arriving. Ends with 1 when something has to be done."""
    findings = list(examine())
    for finding in findings:
        typer.echo(f"{MARKS[finding.verdict]} {finding.sentence}")
    if any(finding.verdict == Verdict.BAD for finding in findings):
        raise typer.Exit(1)


def _password() -> str:
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\r\n")


def _existing(policy: str) -> Existing:
    if policy == "update":
        return "update"
    if policy == "skip":
        return "skip"
    raise InvalidInput("Partners that exist can be updated or skipped: update, skip.", "existing")


def _finish(job_id: int) -> JobView:
    """Work a job off, or wait for the worker that took it up first."""
    runner = JobRunner(f"import-{os.getpid()}")
    while True:
        worked = runner.work_off_one()
        with reading() as session:
            view = jobs.view(session, job_id)
        if view.status not in (JobStatus.WAITING, JobStatus.RUNNING):
            return view
        if not worked:
            time.sleep(LOOK_SECONDS)


def _tell(planned: Plan, done: JobView, *, run_automations: bool) -> None:
    count = done.counts.get
    typer.echo(
        f"Partners: {count('created', 0)} added, {count('updated', 0)} updated, "
        f"{planned.skip} skipped, {len(planned.problems)} left out. "
        f"Tags: {count('added', 0)} assigned, {count('already', 0)} held already."
    )
    if run_automations:
        with reading() as session:
            note = leaving(session).note
        decided = f"Emails: {count('queued', 0)} decided, {count('skipped', 0)} withheld."
        typer.echo(f"{decided} {note}".strip())
    if done.status != JobStatus.DONE:
        typer.echo(done.error or "The import was stopped.", err=True)
        raise typer.Exit(1)
