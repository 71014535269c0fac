/** Entry `qcloud-im-callback/core`: the receiver without any framework. */

export {
  type AgentAssignment,
  type Answer,
  type AnswerFields,
  type AnswerFor,
  assignAgents,
  drop,
  type ElementInput,
  type FriendResult,
  friendResults,
  isAnswer,
  ok,
  type RefusalCode,
  type Replacement,
  refuse,
  refuseMembers,
  refuseSubscribers,
  replace,
} from './answers.js';
export type { Workers } from './background.js';
export type { AnswerKind } from './command-info.js';
export { type BodyIssue, COMMANDS, type Command, type CommandInfo, isCommand } from './commands.js';
export { type DedupeStore, type MemoryDedupeStoreOptions, memoryDedupeStore } from './dedupe-store.js';
export {
  CALLBACK_ERROR_CODES,
  CallbackError,
  type CallbackErrorCode,
  ConfigurationError,
  type ConfigurationErrorCode,
  isCallbackError,
} from './errors.js';
export {
  type AnyCallbackEvent,
  type BodyOf,
  type CallbackEvent,
  type EventItem,
  isCallbackEvent,
  isEvent,
  itemsOf,
  type StoredEvent,
  type UnknownCallbackEvent,
  type URLParams,
} from './event.js';
export type * from './generated/types.js';
export { version } from './generated/version.js';
export { CallbackHandler } from './handler.js';
export type {
  BodyContent,
  CallbackRequest,
  CallbackResponse,
  ParsedBody,
  ReadOptions,
  RequestBody,
} from './http.js';
export { elementsOf, isElement, textOf } from './messages.js';
export type { Logger } from './observe/logger.js';
export type {
  AddressCheck,
  DedupeOptions,
  FailurePolicy,
  FailureReport,
  QcloudImOptions,
  TokenLookup,
} from './options.js';
export type { AnswerBody } from './pipeline/answer.js';
export type { BackoffOptions } from './queue/backoff.js';
export type { ReceiverStats } from './queue/keeper.js';
export { type MemoryQueue, memoryQueue } from './queue/memory.js';
export type { AssistOptions, MemoryQueueOptions } from './queue/memory-options.js';
export { byConversation } from './queue/order.js';
export type {
  Attempt,
  CloseOptions,
  CloseResult,
  EnqueueOptions,
  EventConsumer,
  EventQueue,
  QueueProblem,
  QueueStats,
} from './queue/queue.js';
export {
  type AnyRoute,
  type BeforeHook,
  type DefaultHandler,
  type Handler,
  type Handlers,
  type OtherHandlers,
  type QueuedHandler,
  type QueuedRoute,
  queued,
  type Route,
  type SyncRoute,
} from './routes.js';
export {
  type ActionStatus,
  GROUP_TYPES,
  type GroupType,
  type Phase,
  PLATFORMS,
  type Platform,
} from './values.js';
