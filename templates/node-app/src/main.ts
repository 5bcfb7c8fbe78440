// The service: starts Python, then listens. What it answers is in routes.ts.
import Fastify from 'fastify';
import { addressOf } from './address.js';
import { connect } from './generated/forecasts.js';
import { logOf } from './log.js';
import { routes } from './routes.js';
import { closeOnSignals } from './shutdown.js';

const app = Fastify({ logger: true });
const address = await addressOf(process.env).catch(({ message }: Error) => {
  app.log.fatal(message);
  process.exit(1);
});

// The first start builds python/.venv; later ones take a fraction of a second.
const forecasts = await connect({ onLog: logOf(app.log) });
app.addHook('onClose', () => forecasts.close());

await app.register(routes, { forecasts });
closeOnSignals(app);
await app.listen(address);
