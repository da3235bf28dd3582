import { assert, assertEquals, assertThrows } from "@std/assert";
import { ERRNO, type ErrnoName } from "../../../src/base/errno.ts";
import { SystemError } from "../../../src/base/system_error.ts";
import {
  DescriptorStore,
  FIRST_STORED,
  type StoreKernel,
} from "../../../src/supervision/descriptor_store.ts";
import { Random } from "../../torture/random.ts";

const LIMIT = 40;

/** Descriptors and shelves. What is open is a text, or one end of a shelf. */
class World implements StoreKernel {
  /** What each descriptor leads to. */
  readonly open = new Map<number, string | string[]>();
  /** How many may be on shelves, and whether the kernel says so. */
  most = Infinity;
  isTold = true;
  /** Says when a call fails. */
  failure: (call: string) => ErrnoName | undefined = () => undefined;

  /** Opens what has this name. */
  openFile(file: string | string[]): number {
    const free = Array.from({ length: LIMIT }, (_, fd) => fd).find((fd) => !this.open.has(fd));
    if (free === undefined) throw new SystemError("open", ERRNO.EMFILE);
    this.open.set(free, file);
    return free;
  }

  /** Opens as many files as are wanted, for something else. */
  fillUpTo(count: number): void {
    while (this.open.size < count) this.openFile("other");
  }

  /** What is on all shelves. */
  get stored(): string[] {
    return [...new Set(this.open.values())].filter((each) => typeof each !== "string").flat();
  }

  getLimit() {
    return { soft: BigInt(LIMIT), hard: BigInt(LIMIT) };
  }

  mostOnShelves(): number {
    return this.isTold ? this.most : Infinity;
  }

  close(fd: number): void {
    if (!this.open.delete(fd)) throw new SystemError("close", ERRNO.EBADF);
  }

  openShelf(): { putFd: number; findFd: number } {
    this.#maybeFail("openShelf");
    const shelf: string[] = [];
    const putFd = this.openFile(shelf);
    try {
      return { putFd, findFd: this.openFile(shelf) };
    } catch (error) {
      this.close(putFd);
      throw error;
    }
  }

  putOnShelf(putFd: number, fd: number): void {
    this.#maybeFail("putOnShelf");
    if (this.stored.length >= this.most) throw new SystemError("sendmsg", ERRNO.ETOOMANYREFS);
    this.#shelf(putFd).push(this.open.get(fd) as string);
  }

  findOnShelf(findFd: number, index: number): number {
    this.#maybeFail("findOnShelf");
    return this.openFile(this.#shelf(findFd)[index]!);
  }

  dropFirst(findFd: number): void {
    this.#shelf(findFd).shift();
  }

  #shelf(fd: number): string[] {
    const shelf = this.open.get(fd);
    assert(Array.isArray(shelf), "no shelf");
    return shelf;
  }

  #maybeFail(call: string): void {
    const name = this.failure(call);
    if (name !== undefined) throw new SystemError(call, ERRNO[name]);
  }
}

/** What a number leads to. */
function fileOf(world: World, store: DescriptorStore, number: number): unknown {
  return store.lend([number], ([fd = -1]) => world.open.get(fd));
}

/** Keeps a file of each name. */
function keepAll(world: World, store: DescriptorStore, names: readonly string[]): number[] {
  return names.map((name) => store.keep(world.openFile(name)));
}

Deno.test("DescriptorStore leaves descriptors open while less than half of all are", () => {
  const world = new World();
  const store = new DescriptorStore(world);
  world.fillUpTo(LIMIT / 2 - 2);
  assertEquals(keepAll(world, store, ["a", "b"]), [LIMIT / 2 - 2, LIMIT / 2 - 1]);
  assertEquals([store.isUsed, world.open.size], [false, LIMIT / 2]);
  const [number = 0] = keepAll(world, store, ["c"]);
  assertEquals([number, store.keep(number)], [FIRST_STORED, FIRST_STORED]);
  assertEquals([world.stored, world.open.size], [["c"], LIMIT / 2 + 2]);
  assertEquals(fileOf(world, store, number), "c");
  assertEquals(fileOf(world, store, LIMIT / 2 - 1), "b");
  assertEquals(world.open.size, LIMIT / 2 + 2);
});

Deno.test("DescriptorStore lets go of what is closed at once, and of nothing else", () => {
  const world = new World();
  const store = new DescriptorStore(world);
  world.fillUpTo(LIMIT / 2);
  const names = Array.from({ length: 100 }, (_, at) => `f${at}`);
  const numbers = keepAll(world, store, names);
  assertEquals(world.open.size, LIMIT / 2 + 4);
  for (const at of [50, 0, 97, 62, 63, 1]) {
    store.close(numbers[at]!);
    assert(!world.stored.includes(names[at]!));
    assertThrows(() => store.lend([numbers[at]!], () => {}), SystemError);
    assertThrows(() => store.close(numbers[at]!), SystemError);
    numbers.splice(at, 1);
    names.splice(at, 1);
    assertEquals(numbers.map((number) => fileOf(world, store, number)), names);
  }
  for (const number of numbers) store.close(number);
  assertEquals([store.isUsed, world.open.size], [false, LIMIT / 2]);
});

for (const isTold of [true, false]) {
  const who = isTold ? "may be put away" : "can be, which shows only then";
  Deno.test(`DescriptorStore keeps some free where no more ${who}`, () => {
    const world = new World();
    Object.assign(world, { most: 3, isTold });
    const store = new DescriptorStore(world);
    world.fillUpTo(LIMIT / 2);
    const numbers = keepAll(world, store, ["a", "b", "c", "d"]);
    assertEquals(numbers.map((number) => number >= FIRST_STORED), [true, true, true, false]);
    assertEquals(numbers.map((number) => fileOf(world, store, number)), ["a", "b", "c", "d"]);
    world.fillUpTo(LIMIT - 8);
    const fd = world.openFile("e");
    assertThrows(() => store.keep(fd), SystemError);
    assertEquals(world.open.size, LIMIT - 8);
  });
}

Deno.test("DescriptorStore leaves all open where nothing is found on shelves", () => {
  const world = new World();
  world.failure = (call) => call === "findOnShelf" ? "EINVAL" : undefined;
  const store = new DescriptorStore(world);
  world.fillUpTo(LIMIT / 2);
  const rest = Array.from({ length: LIMIT / 2 }, (_, at) => `f${at}`);
  const numbers = keepAll(world, store, rest);
  assertEquals(numbers, rest.map((_, at) => LIMIT / 2 + at));
  assertEquals([store.isUsed, world.open.size, world.stored], [false, LIMIT, []]);
});

Deno.test("DescriptorStore hands on what it holds", () => {
  const world = new World();
  const store = new DescriptorStore(world);
  world.fillUpTo(LIMIT / 2);
  const numbers = keepAll(world, store, ["a", "b", "c"]);
  store.close(numbers[1]!);
  const successor = new DescriptorStore(world, store.save());
  assertEquals(fileOf(world, successor, numbers[0]!), "a");
  assertEquals(fileOf(world, successor, numbers[2]!), "c");
  const [next] = keepAll(world, successor, ["d"]);
  assert(!numbers.includes(next!));
  for (const number of [numbers[0]!, numbers[2]!, next!]) successor.close(number);
  assertEquals(world.open.size, LIMIT / 2);
});

Deno.test("DescriptorStore hands on what could not be let go yet", () => {
  const world = new World();
  const store = new DescriptorStore(world);
  world.fillUpTo(LIMIT / 2);
  const [first = 0, second = 0, third = 0] = keepAll(world, store, ["a", "b", "c"]);
  world.failure = () => "EMFILE";
  store.close(second);
  const saved = store.save();
  world.failure = () => undefined;
  const successor = new DescriptorStore(world, saved);
  successor.close(third);
  assertEquals([world.stored, fileOf(world, successor, first)], [["a"], "a"]);
  successor.close(first);
  assertEquals(world.open.size, LIMIT / 2);
});

Deno.test("DescriptorStore leaves room also where something cannot be put away", () => {
  const world = new World();
  const store = new DescriptorStore(world);
  world.fillUpTo(LIMIT - 6);
  store.leaveRoom(world.openFile("socket"));
  const [number = 0] = keepAll(world, store, ["a"]);
  const before = world.open.size;
  const fd = world.openFile("socket");
  assertThrows(() => store.leaveRoom(fd), SystemError);
  assertEquals([world.open.size, fileOf(world, store, number)], [before, "a"]);
});

for (let seed = 1; seed <= 30; seed++) {
  Deno.test(`DescriptorStore loses nothing whatever fails, seed ${seed}`, () => {
    const random = new Random(seed);
    const world = new World();
    const store = new DescriptorStore(world);
    world.fillUpTo(LIMIT / 2);
    let rate = 0;
    world.failure = () => random.chance(rate) ? random.pick(["EMFILE", "EAGAIN"]) : undefined;
    const held = new Map<number, string>();
    for (let step = 0; step < 500; step++) {
      rate = random.chance(0.5) ? 0.3 : 0;
      if (held.size < 150 && random.chance(0.55)) {
        let fd = -1;
        try {
          fd = world.openFile(`f${step}`);
          held.set(store.keep(fd), `f${step}`);
        } catch (error) {
          assert(error instanceof SystemError && !world.open.has(fd));
        }
      } else if (held.size > 0) {
        const number = random.pick([...held.keys()]);
        if (number < FIRST_STORED) world.close(number);
        else store.close(number);
        held.delete(number);
      }
      rate = 0;
      for (const [number, file] of held) assertEquals(fileOf(world, store, number), file);
    }
    const saved = store.save();
    const stored = [...held.keys()].filter((number) => number >= FIRST_STORED);
    assertEquals(saved.flatMap(({ numbers }) => numbers).sort(), stored.sort());
    const shelves = 2 * saved.length;
    assertEquals(world.stored.length, stored.length);
    assertEquals(world.open.size, LIMIT / 2 + shelves + held.size - stored.length);
  });
}
