// What all servers of the benchmark share; the parent process says it, for it signs the requests.

export const path = process.env.BENCH_PATH;

/** What the vendor reads of an answer that lets a message pass. */
export const PASS = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };

/** @param ok from the copy of the package that the server uses: Express 4 is tried with the CommonJS one. */
export function receiverOptions(ok) {
  return {
    sdkAppId: process.env.BENCH_SDK_APP_ID,
    token: process.env.BENCH_TOKEN,
    handlers: { 'C2C.CallbackBeforeSendMsg': () => ok() },
  };
}
