/** Sizes that the specification fixes, and those that this server chooses where it leaves a choice. */
export const limits = {
  /** Client-server API, "Size limits": the event as federated, canonical JSON, signatures included. */
  maxPduBytes: 65_536,
  /** `sender`, `room_id`, `state_key`, `type`, `event_id`, each in bytes. */
  maxIdentifierBytes: 255,
  maxAuthEvents: 10,
  maxPrevEvents: 20,
  /** Largest JSON body of a client request: key backups and large account data fit. */
  maxRequestBytes: 8 * 1024 * 1024,
  /** A transaction of another server: 50 PDUs and 100 EDUs, with room to spare. */
  maxServerRequestBytes: 10 * 1024 * 1024,
  maxAccountDataBytes: 512 * 1024,
  maxFilterBytes: 64 * 1024,
  maxProfileBytes: 65_536,
  maxUploadBytes: 100 * 1024 * 1024,
  maxJsonDepth: 100,
} as const;
