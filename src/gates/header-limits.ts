/** Names and values of all headers together, in UTF-16 code units: what Node accepts by default. */
const maximumHeaderLength = 16 * 1024;
const maximumHeaders = 100;

export interface HeaderRejection {
  readonly kind: "headers-too-large";
  readonly got: number;
  readonly limit: number;
}

/** The platform's own limits are larger, and differ from host to host. */
export function checkHeaderSize(headers: Headers): HeaderRejection | undefined {
  let length = 0;
  let count = 0;
  for (const [name, value] of headers) {
    length += name.length + value.length;
    count += 1;
  }
  if (length > maximumHeaderLength) {
    return { kind: "headers-too-large", got: length, limit: maximumHeaderLength };
  }
  if (count > maximumHeaders) {
    return { kind: "headers-too-large", got: count, limit: maximumHeaders };
  }
  return undefined;
}
