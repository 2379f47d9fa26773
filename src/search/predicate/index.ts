export { type PreparedSearch, prepareSearch, type RewrittenExpressions, type SearchRequest } from "./prepare-search.ts";
