/** Imports what deno.json imports; that this can be loaded tells that JSR can be reached. */
import "@std/assert";
import "@std/cli";
import "@std/fs";
import "@std/streams";
