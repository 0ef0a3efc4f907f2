import { accessSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Chromium, Chrome or Edge usually are: the browsers that the sign-in page is driven in. */
const usualPaths: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

/** `CHROMIUM_PATH`, or else a browser at one of the usual places; none where there is none. */
export const browserPath: string | undefined = process.env.CHROMIUM_PATH
  ? process.env.CHROMIUM_PATH
  : usualPaths[process.platform]?.find((path) => {
      try {
        accessSync(path);
        return true;
      } catch {
        return false;
      }
    });

/** Why a test that needs a browser does not run where `browserPath` is none. */
export const noBrowser =
  "neither Chromium, Chrome nor Edge is at its usual place: CHROMIUM_PATH can name one";

/**
 * A browser that asks nothing of the internet by itself.
 *
 * @param further arguments beside those
 */
export function launchBrowser(
  executablePath: string,
  further: readonly string[] = [],
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...further,
    ],
  });
}
