// Files that people choose, as the control APIs take them: name, media type, and the bytes as base64.

export async function carried(chosen) {
  return Promise.all([...chosen].map(async (file) => ({ name: file.name, mimetype: file.type || "application/octet-stream", encoding: "base64", content: await base64(file) })));
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
