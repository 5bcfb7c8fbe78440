// Says what importing the package (and, given a DIRECTORY, a life of a worker) changed in this process.
const names = () => Object.getOwnPropertyNames(globalThis);
const others = process.eventNames(); // Node itself waits for the end of this module
const before = { globals: names(), env: JSON.stringify(process.env), cwd: process.cwd() };

const { connect } = await import('synapse-worker');
if (process.argv[2] !== undefined) {
  const client = await connect(process.argv[2]);
  await client.call('add', [1]);
  await client.close();
  await new Promise((resume) => setImmediate(resume));
}
const now = JSON.stringify(process.env);
console.log(
  JSON.stringify({
    events: process
      .eventNames()
      .filter((name) => !others.includes(name))
      .map(String),
    handles: process
      .getActiveResourcesInfo()
      .filter((name) => !/^(PipeWrap|TTYWrap|Immediate|FSReqPromise|CloseReq)$/.test(name)),
    globals: names().filter((name) => !before.globals.includes(name)),
    env: now === before.env && process.cwd() === before.cwd ? [] : ['changed'],
  }),
);
