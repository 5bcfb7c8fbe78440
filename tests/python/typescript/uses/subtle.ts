// What callers of the generated client may and may not write; compiled, never run.
import type { Cat, CatInput, OpenInput, Subtle, SubtleErrors } from "./subtle.js";

declare const client: Subtle;
declare const failure: SubtleErrors;

export async function uses(): Promise<void> {
  const box = await client.boxes({ items: new Map([["a", 1]]) }, { items: new Map() });
  box.items.get("a")?.toFixed();
  // @ts-expect-error: keys that are text make no Record of it
  await client.boxes({ items: { a: 1 } }, { items: new Map() });

  await client.feed({ kind: "cat" });
  // @ts-expect-error: a union's options are told apart by their tag
  await client.feed({ lives: 3 });
  const cat: Cat = { kind: "cat", lives: 1 } satisfies CatInput;
  const open: OpenInput = { name: "a", anything: [cat] };
  const extra: unknown = (await client.open_model(open)).anything;

  const one: string = await client.first(["a"], "b");
  const lengths: number[] = await client.apply((text: string) => text.length, [one]);
  for await (const [key, value] of client.pairs(new Set(["a"]), new Map([["a", 1]]), {
    items: new Map(),
  })) {
    const pair: [string, number] = [key, value];
    void pair;
  }
  void [extra, lengths];
}

export function narrowed(): number {
  switch (failure.pythonType) {
    case "OutOfStock":
      return failure.details.left;
    case "ShopError":
      // @ts-expect-error: only OutOfStock tells what is left
      void failure.details.left;
      return failure.details.code;
    case "SubtleError":
      return 0;
    default:
      return failure satisfies never;
  }
}
