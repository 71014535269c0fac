/** The query parameters that a handler sees. */

/** Their names. */
export const PARAMETERS = [
  'SdkAppid',
  'CallbackCommand',
  'ContentType',
  'ClientIP',
  'OptPlatform',
  'RequestId',
] as const satisfies readonly (keyof URLParams)[];

/** The query parameters of a callback; empty where the request had none. */
export interface URLParams {
  /** Id of the app. */
  readonly SdkAppid: string;
  /** The command as the query had it, which may be an alias. */
  readonly CallbackCommand: string;
  readonly ContentType: string;
  /** Address of the client that caused the callback, not of the vendor's server. */
  readonly ClientIP: string;
  readonly OptPlatform: string;
  /** The vendor's id of the request, where it sends one. */
  readonly RequestId?: string;
}
