// The health check: one real call, through the port, or with --self in a process of its own (while building).
import { connect } from './generated/pricing.js';

if (process.argv.includes('--self')) {
  const pricing = await connect();
  console.log(await pricing.quote('HEALTH'));
  await pricing.close();
} else {
  const url = `http://127.0.0.1:${process.env.PORT ?? 8080}/health`;
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(2_500) });
  process.exitCode = ok ? 0 : 1;
}
