// Says where the installed package lies. CommonJS, because `__dirname` means the same in the sources,
// in both builds and under Jest, where `import.meta.url` does not. Imported as '#package-root'.
// In a bundle this is the bundle's folder, or nothing where the bundle is an ES module.
'use strict';
exports.ownFolder = typeof __dirname === 'string' ? __dirname : undefined;
