// The service: starts Python, then listens. What it answers is in routes.ts.
import Fastify from 'fastify';
import { connect } from './generated/forecasts.js';
import { logOf } from './log.js';
import { routes } from './routes.js';
import { closeOnSignals } from './shutdown.js';

const { HOST = '127.0.0.1', PORT = '3000' } = process.env;

const app = Fastify({ logger: true });

// The first start builds python/.venv; later ones take a fraction of a second.
const forecasts = await connect({ onLog: logOf(app.log) });
app.addHook('onClose', () => forecasts.close());

await app.register(routes, { forecasts });
closeOnSignals(app);
await app.listen({ host: HOST, port: Number(PORT) });
