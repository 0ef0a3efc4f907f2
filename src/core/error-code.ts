/**
 * The code of an error of Node or the operating system, such as `ENOENT`.
 *
 * @param otherwise of an error without one
 */
export function codeOf(error: unknown, otherwise = "unknown"): string {
  return error instanceof Error && "code" in error ? String(error.code) : otherwise;
}
