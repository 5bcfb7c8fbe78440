// Workers with children that have left their session or group: node two-families.mjs DIRECTORY stay|exit
import { connect } from 'synapse-worker';

const [directory, then] = process.argv.slice(2);
setInterval(() => undefined, 1000);
const client = await connect(directory, { entrypoint: 'families', workers: 2 });
const families = await Promise.all(
  ['session', 'group'].map((where) => client.call('family_with_strays', [where])),
);
console.log('family', JSON.stringify([client.stats().zygote.pid, ...families.flat()]));
if (then === 'exit') process.exit(0);
