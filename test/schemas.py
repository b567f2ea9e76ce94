# SPDX-License-Identifier: Apache-2.0
"""schemas: asks whether a document is valid by schema/NAME.schema.json.

As a program, schemas.py NAME FILE: the same of a whole file; the first error is printed and the
status is 1."""
import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")
import jsonschema  # noqa: E402

root = pathlib.Path(__file__).resolve().parent.parent
schemas = {p.name: json.loads(p.read_text()) for p in sorted((root / "schema").glob("*.json"))}


def validator(name):
    schema = schemas[name + ".schema.json"]
    try:
        from referencing import Registry, Resource

        registry = Registry().with_resources(
            (k, Resource.from_contents(v)) for k, v in schemas.items()
        )
        return jsonschema.Draft202012Validator(schema, registry=registry)
    except ImportError:
        resolver = jsonschema.RefResolver(schema["$id"], schema, store=schemas)
        return jsonschema.Draft202012Validator(schema, resolver=resolver)


def first_error(name, document):
    error = next(validator(name).iter_errors(document), None)
    return error and f"{list(error.absolute_path)}: {error.message}"


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        found = first_error(sys.argv[1], json.load(file))
    sys.exit(found)
