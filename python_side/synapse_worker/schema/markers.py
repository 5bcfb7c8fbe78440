"""What user code writes into `Annotated` to choose how a value travels. Imports nothing: cold starts pay for it."""


class BigInt:
    """`Annotated[int, BigInt]`: a bigint in JavaScript, however small the value is."""


class Naive:
    """`Annotated[datetime, Naive]`: a datetime without a time zone, which travels as a string."""
