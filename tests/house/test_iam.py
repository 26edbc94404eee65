"""The policy documents grant what the code calls, and nothing else."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import boto3
import pytest
from botocore import xform_name

CHECKOUT = Path(__file__).parents[2]
DOCUMENTS = CHECKOUT / "docs" / "iam"
SERVICES = {
    "bedrock": "bedrock",
    "bedrock-runtime": "bedrock",
    "kms": "kms",
    "service-quotas": "servicequotas",
}
"""By service of boto3, the prefix of its permissions."""
OTHER_PERMISSION = {
    "Converse": "InvokeModel",
    "ConverseStream": "InvokeModelWithResponseStream",
}
"""Operations that are permitted under another name (API reference of each)."""
IN_ITS_COURSE = {"CreateGuardrail": ("bedrock:TagResource",)}
"""What an operation needs beside its own permission, as it is called here: with tags."""
WITH_A_KEY = {
    "CreateGuardrail": ("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"),
    **dict.fromkeys(("ApplyGuardrail", "Converse", "GetGuardrail", "InvokeModel"), ("kms:Decrypt",)),
}
"""What Bedrock does with a guardrail's key in the caller's name (user guide, "Create a customer managed key
for your guardrail")."""
KEYED = {"run-key": "run", "deploy-key": "deploy"}
"""By document for the key of an encrypted guardrail, the one beside which it stands."""
MADE_BY = "evals.bedrock.deployment"
ROOTS = {
    "run": ("parity.run", "parity.pipeline", "evals.runner", "evals.pii"),
    "doctor": ("parity.doctor",),
    "deploy": ("parity.guardrails",),
    "init": ("parity.init",),
}
NOT_ITS_OWN = {
    "run": (MADE_BY, "evals.rehearsal", "parity.guardrails"),
    "doctor": (MADE_BY, "evals.rehearsal"),
    "deploy": ("evals.rehearsal",),
    "init": (MADE_BY, "evals.rehearsal", "parity.guardrails.commands", "parity.guardrails.writing"),
}
"""What is imported and does not call AWS: the stand-in, and the maker of guardrails, which a run calls in
rehearsals alone (`evals.places`)."""


def file_of(module: str) -> Path | None:
    path = CHECKOUT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


@cache
def tree(module: str) -> ast.Module:
    file = file_of(module)
    assert file is not None
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[str]:
    """The modules of the house that one imports, in functions too."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def closure(document: str) -> set[str]:
    seen: set[str] = set()
    left = list(ROOTS[document])
    while left:
        module = left.pop()
        others = any(module == no or module.startswith(f"{no}.") for no in NOT_ITS_OWN[document])
        ours = module.split(".")[0] in {"evals", "parity"} and file_of(module) is not None
        if ours and module not in seen and not others:
            seen.add(module)
            left += imported(module)
    return seen


@cache
def operations() -> dict[str, tuple[str, str]]:
    """By boto3's name of a method, the permissions' prefix and the operation."""
    found: dict[str, tuple[str, str]] = {}
    for service, prefix in SERVICES.items():
        client = boto3.client(
            service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        for name in client.meta.service_model.operation_names:
            # Of names that two services have, Bedrock's comes first.
            found.setdefault(xform_name(name), (prefix, name))
    return found


def called(module: str) -> Iterator[tuple[str, str]]:
    """The operations that a module calls, by method or by paginator."""
    for node in ast.walk(tree(module)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        if name == "get_paginator" and isinstance(node.args[0], ast.Constant):
            name = str(node.args[0].value)
        # A method of the same name on something of ours is no call of AWS.
        if name in operations() and not _ours(node.func.value):
            yield operations()[name]


def _ours(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in {"deployment", "guardrails", "self"}


def permissions(document: str) -> set[str]:
    """What the code of a document needs, the key of an encrypted guardrail included."""
    needed = set()
    for module in closure(document):
        for prefix, operation in called(module):
            needed.add(f"{prefix}:{OTHER_PERMISSION.get(operation, operation)}")
            needed |= {*IN_ITS_COURSE.get(operation, ()), *WITH_A_KEY.get(operation, ())}
    return needed


def of_keys(needed: set[str]) -> set[str]:
    return {permission for permission in needed if permission.startswith("kms:")}


def granted(document: str) -> set[str]:
    statements = json.loads((DOCUMENTS / f"{document}.json").read_text(encoding="utf-8"))["Statement"]
    return {action for statement in statements for action in statement["Action"]}


@pytest.mark.parametrize("document", sorted(ROOTS))
def test_a_document_grants_what_is_called_and_nothing_else(document):
    """Every operation of the code that it is for is permitted, and nothing is permitted that none calls."""
    assert granted(document) == permissions(document) - of_keys(permissions(document))


@pytest.mark.parametrize("document", sorted(KEYED))
def test_a_document_for_a_key_grants_what_it_is_used_for(document):
    """Nothing but that key's use, by a document of its own, which grants nothing until the key is put in."""
    read = json.loads((DOCUMENTS / f"{document}.json").read_text(encoding="utf-8"))

    assert granted(document) == of_keys(permissions(KEYED[document]))
    assert {each for statement in read["Statement"] for each in statement["Resource"]} == {
        "arn:aws:kms:*:*:key/00000000-0000-0000-0000-000000000000"
    }
    assert of_keys(permissions("doctor")) == granted("run-key")


@pytest.mark.parametrize("document", sorted({*ROOTS, *KEYED}))
def test_a_document_is_one(document):
    """It allows and names actions one by one, no pattern of them; a name of a statement stands once."""
    read = json.loads((DOCUMENTS / f"{document}.json").read_text(encoding="utf-8"))
    names = [statement["Sid"] for statement in read["Statement"]]

    assert read["Version"] == "2012-10-17"
    assert len(set(names)) == len(names)
    assert {statement["Effect"] for statement in read["Statement"]} == {"Allow"}
    assert not [action for action in granted(document) if "*" in action]


def test_nothing_of_aws_is_called_that_no_document_knows():
    """All calls of the house are in the reach of one of the documents."""
    everywhere = {
        operation
        for path in (CHECKOUT / "evals").rglob("*.py")
        if "rehearsal" not in path.parts
        for operation in called(".".join(path.relative_to(CHECKOUT).with_suffix("").parts))
    }
    reached = {
        operation for document in ROOTS for module in closure(document) for operation in called(module)
    }

    assert everywhere == reached
    assert ("bedrock", "DeleteGuardrail") in reached


def test_only_the_one_who_deploys_changes_anything():
    """A run, the doctor and init read, and ask."""
    changing = {"Create", "Update", "Delete", "Put", "Tag", "Untag"}
    for document in ("run", "doctor", "init"):
        assert not [a for a in granted(document) if a.partition(":")[2].startswith(tuple(changing))]
    assert not granted("deploy") & {"bedrock:InvokeModel", "bedrock:ApplyGuardrail"}
