/** How a command ends, as the AWS command line has it where it has one. */
export const exitCodes = {
  done: 0,
  /** The command did its work, and found something. */
  findings: 1,
  /** A part was done, and a part failed. */
  partial: 2,
  interrupted: 130,
  usage: 252,
  credentials: 253,
  service: 254,
  failed: 255,
} as const;
