// The image of a scene, as the server sends it: { id, title, height, width, channels, pixels in base64 }.

export function decoded(sent) {
  if (!sent) return null;
  const bytes = Uint8Array.from(atob(sent.pixels), (letter) => letter.charCodeAt(0));
  const { id, title, height, width, channels } = sent;
  return { id, title, height, width, channels, bytes };
}

// Gray from 0 to 1, row by row: ITU-R BT.601, as OpenCV and Pillow do it.
export function gray({ bytes, channels, height, width }) {
  const found = new Float32Array(height * width);
  for (let at = 0; at < found.length; at += 1) {
    const [r, g, b] = channels === 1 ? new Array(3).fill(bytes[at]) : bytes.subarray(3 * at, 3 * at + 3);
    found[at] = channels === 1 ? r / 255 : (0.299 * r + 0.587 * g + 0.114 * b) / 255;
  }
  return found;
}

// Three numbers from 0 to 255 for each pixel, also where the image is gray.
export function rgb({ bytes, channels }) {
  if (channels === 3) return bytes;
  const found = new Uint8Array(bytes.length * 3);
  bytes.forEach((value, at) => found.fill(value, 3 * at, 3 * at + 3));
  return found;
}

// One channel from 0 to 1.
export function plane(picture, channel) {
  const all = rgb(picture);
  return Float32Array.from({ length: picture.height * picture.width }, (_, at) => all[3 * at + channel] / 255);
}
