/** The folder of `package.json` and `python/`, unless a bundler has moved this code elsewhere. */
export declare const ownFolder: string | undefined;
