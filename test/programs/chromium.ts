import { type Browser, chromium } from 'playwright-core';
import { installedProgram, type Program } from './debian-program.ts';

/** Where Chromium is, or why its suites are skipped. */
export function chromiumProgram(): Promise<Program> {
  return installedProgram('chromium', '/usr/bin/chromium');
}

/**
 * A real Chromium without a window. Close it when done.
 *
 * @param binary - Its program.
 */
export async function startChromium(binary: string): Promise<Browser> {
  return await chromium.launch({
    executablePath: binary,
    // As root there is no sandbox to be had, and a small machine has little shared memory. The pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update'],
  });
}
