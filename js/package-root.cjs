// Says where the installed package lies. CommonJS, because `__dirname` means the same in the sources,
// in both builds and under Jest, where `import.meta.url` does not. Imported as '#package-root'.
'use strict';
exports.packageRoot = __dirname;
