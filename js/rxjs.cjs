// Loads the classes of rxjs when they are first asked for: only users of the `Synapse` class need them, and
// loading takes longer than most of this package. CommonJS, because only `require` can wait and then load at
// once, in the sources, in both builds and in bundles. Imported as '#rxjs', by src/node/synapse/rxjs.ts alone.
'use strict';
exports.loadRxjs = () => ({
  Observable: require('rxjs/internal/Observable').Observable,
  Subject: require('rxjs/internal/Subject').Subject,
});
