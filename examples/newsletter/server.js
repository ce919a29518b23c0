// The newsletter, with what the environment says.
import { newsletter } from './newsletter.js';

const { close } = await newsletter(process.env, (line) => console.log(JSON.stringify(line)));
process.once('SIGTERM', () => void close());
