/** Absolute path of the installed package: the folder that holds `package.json` and `python/`. */
export declare const packageRoot: string;
