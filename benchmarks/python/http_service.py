"""What there is to do as a FastAPI application: `http_service.py SOCKET WORKERS`."""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

sys.path.insert(0, str(Path(__file__).parent))

import work

ITEMS_A_CHUNK = 1024
app = FastAPI()


@app.post("/echo")
async def echo(value: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    return value


@app.post("/send_records")
async def send_records(records: Annotated[list[dict[str, Any]], Body()]) -> int:
    return work.send_records(records)


@app.post("/fetch_records")
async def fetch_records(count: Annotated[int, Body()]) -> list[dict[str, Any]]:
    return work.fetch_records(count)


@app.post("/spin")
def spin(rounds: Annotated[int, Body()]) -> int:
    return work.spin(rounds)


@app.post("/send_bytes")
async def send_bytes(request: Request) -> int:
    return work.send_bytes(await request.body())


@app.post("/fetch_bytes")
async def fetch_bytes(size: Annotated[int, Body()]) -> Response:
    return Response(work.fetch_bytes(size), media_type="application/octet-stream")


@app.post("/echo_bytes")
async def echo_bytes(request: Request) -> Response:
    return Response(await request.body(), media_type="application/octet-stream")


@app.post("/consume")
async def consume(request: Request) -> int:
    count = 0
    rest = b""
    async for chunk in request.stream():
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            json.loads(line)
        count += len(lines)
    return count


@app.post("/produce")
async def produce(count: Annotated[int, Body()]) -> StreamingResponse:
    def lines() -> Iterator[str]:
        items = work.produce(count)
        while batch := "".join(f"{item}\n" for item in islice(items, ITEMS_A_CHUNK)):
            yield batch

    return StreamingResponse(lines(), media_type="application/x-ndjson")


if __name__ == "__main__":
    path, workers = sys.argv[1:]
    uvicorn.run(
        "http_service:app",
        uds=path,
        workers=int(workers),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="error",
        app_dir=str(Path(__file__).parent),
    )
