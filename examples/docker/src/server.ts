// The service: two Python workers behind one port, closed in order when the container is stopped.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ValidationError } from 'synapse-worker';
import { connect } from './generated/pricing.js';

const pricing = await connect({ workers: 2 });

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // What a stranger asks for need not be anything that `new URL` takes.
  const [path, query] = (request.url ?? '/').split('?', 2);
  const symbol = path === '/health' ? 'HEALTH' : new URLSearchParams(query).get('symbol');
  if (symbol === null) {
    send(response, 400, { message: 'ask for /quote?symbol=ACME' });
    return;
  }
  try {
    send(response, 200, await pricing.quote(symbol, { timeoutMs: 2_000 }));
  } catch (error) {
    if (error instanceof ValidationError) {
      send(response, 400, { message: error.message });
      return;
    }
    console.error(error);
    send(response, 503, { message: 'try again later' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.env.PORT ?? 8080), () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  console.log(`listening on port ${port}`);
});

// `docker stop` sends SIGTERM: answer what was begun, then let Python go, then end.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => void pricing.close());
    server.closeIdleConnections();
  });
}
