"""Print the schema of modules/shop.py: run by test_determinism.py in processes of their own."""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "python_side"))


def main() -> None:
    from synapse_worker.schema.describe import describe_module
    from synapse_worker.schema.json_form import canonical, schema_to_json

    spec = importlib.util.spec_from_file_location("shop", HERE / "modules" / "shop.py")
    shop = importlib.util.module_from_spec(spec)
    sys.modules["shop"] = shop
    spec.loader.exec_module(shop)
    names = ("search", "ticks", "compute", "walk", "anything")

    class Method:
        def __init__(self, name):
            self.function = getattr(shop, name)
            self.is_stream = name in ("search", "ticks")
            self.is_async = name == "ticks"

    class Offer:
        methods = {name: Method(name) for name in names}  # noqa: RUF012

    schema = describe_module(Offer, "shop", documentation=shop.__doc__)
    data = schema_to_json(schema)
    for warning in data.get("warnings", ()):
        warning.pop("file"), warning.pop("line")
    print(canonical(data))


main()
