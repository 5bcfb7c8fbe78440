// What generated files use of the npm package, as types: keeps these tests apart from a build of it.
export interface CallOptions { readonly timeoutMs?: number | undefined }
export declare class SynapseStream<T> implements AsyncIterableIterator<T> { next(): Promise<IteratorResult<T, undefined>>; [Symbol.asyncIterator](): this }
export interface Plan<T = unknown> { decode(value: unknown, path?: string): T; encode(value: T, path?: string): unknown }
export interface Codec<T, W> { decode(wire: W): T; encode(value: T): W }
export declare class NdArray<T = any> { readonly data: T; readonly shape: readonly number[] }
export type ArrowTable = Uint8Array;
export interface MethodDefinition { readonly name: string; readonly parameters: readonly string[]; readonly stream?: boolean; readonly result?: Plan; readonly wide?: boolean; readonly arguments?: Readonly<Record<string, Plan>>; readonly names?: Readonly<Record<string, string>> }
export interface MethodSpec extends MethodDefinition { readonly layout: unknown }
export declare function method(d: MethodDefinition): MethodSpec;
export declare function plainMethod(d: MethodDefinition): MethodSpec;
export interface ModuleConnectOptions { readonly workers?: number | undefined }
export declare class PythonError extends Error { readonly pythonType: string; readonly details: unknown; readonly code: string }
export * as plan from './plan.js';
export type ServiceClass = new (life: never) => ServiceInstance;
declare class Callable { constructor(x: any); $call<T>(m: MethodSpec, p: readonly unknown[], k?: object | undefined, o?: CallOptions | undefined): Promise<T>; $stream<T>(m: MethodSpec, p: readonly unknown[], k?: object | undefined, o?: CallOptions | undefined): SynapseStream<T> }
export declare class ServiceInstance extends Callable { $dispose(): Promise<void>; [Symbol.asyncDispose](): Promise<void> }
export declare class ServiceFactory extends Callable {}
export declare class ModuleClient extends Callable { get $client(): unknown; close(): Promise<void>; terminate(): Promise<void> }
export interface ModuleSpec { readonly format: 1; readonly module: string; readonly directory: string; readonly hash: string; readonly members: Readonly<Record<string, string>>; readonly methods: Readonly<Record<string, MethodSpec>>; readonly services?: Readonly<Record<string, { readonly class: ServiceClass; readonly methods: Readonly<Record<string, MethodSpec>> }>>; readonly errors?: Readonly<Record<string, { readonly class: abstract new (...a: any[]) => PythonError; readonly details?: Plan }>> }
export declare function connectModule<C extends ModuleClient>(c: { new (r: never): C; readonly $spec: ModuleSpec }, o: ModuleConnectOptions, u: string): Promise<C>;
