//! Frames between the program and an instance: lengths of header and payload, a JSON header, a payload of bytes.

use std::io;

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// An instance keeps to less; whoever sends more is no instance.
const LONGEST_HEADER: u32 = 1 << 20;
const LONGEST_PAYLOAD: u32 = 8 << 20;

/// Sends one frame.
///
/// # Errors
/// Those of the channel.
pub(super) async fn write(
    channel: &mut (impl AsyncWrite + Unpin + ?Sized),
    header: &Value,
    payload: &[u8],
) -> io::Result<()> {
    let header = header.to_string();
    let mut frame = BytesMut::with_capacity(8 + header.len() + payload.len());
    let length = |length: usize| u32::try_from(length).map_err(io::Error::other);
    frame.put_u32(length(header.len())?);
    frame.put_u32(length(payload.len())?);
    frame.put_slice(header.as_bytes());
    frame.put_slice(payload);
    channel.write_all(&frame).await
}

/// Receives one frame.
///
/// # Errors
/// Those of the channel, its end, and what is no frame.
pub(super) async fn read(channel: &mut (impl AsyncRead + Unpin + ?Sized)) -> io::Result<(Value, Bytes)> {
    let mut lengths = [0; 8];
    channel.read_exact(&mut lengths).await?;
    let [a, b, c, d, e, f, g, h] = lengths;
    let (header, payload) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
    if header > LONGEST_HEADER || payload > LONGEST_PAYLOAD {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no frame of an instance"));
    }
    // Both lengths are below the limits above.
    let mut data = BytesMut::zeroed((header + payload) as usize);
    channel.read_exact(&mut data).await?;
    let payload = data.split_off(header as usize);
    Ok((serde_json::from_slice(&data)?, payload.freeze()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read() {
        let (mut here, mut there) = tokio::io::duplex(1 << 16);
        write(&mut here, &json!({"request_id": "é"}), b"[1, 2]").await.unwrap();
        write(&mut here, &json!({}), b"").await.unwrap();
        assert_eq!(read(&mut there).await.unwrap(), (json!({"request_id": "é"}), Bytes::from_static(b"[1, 2]")));
        assert_eq!(read(&mut there).await.unwrap(), (json!({}), Bytes::new()));
    }

    #[tokio::test]
    async fn noise_is_refused_before_memory_is_taken_for_it() {
        let (mut here, mut there) = tokio::io::duplex(1 << 16);
        here.write_all(&[0xff; 16]).await.unwrap();
        assert_eq!(read(&mut there).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        drop(here);
    }
}
