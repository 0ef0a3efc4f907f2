/** A page as one file, as `scripts/page.ts` makes it. */
declare module "*.html" {
  const html: string;
  export default html;
}
