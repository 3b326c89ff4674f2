import { type Mount, mountIslands } from "./islands";

const islands: Record<string, Mount> = {};

mountIslands(document, islands);
