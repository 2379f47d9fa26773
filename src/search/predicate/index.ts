export { type PreparedSearch, prepareSearch, type SearchRequest } from "./prepare-search.ts";
