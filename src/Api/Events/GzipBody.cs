using System.IO.Compression;

namespace LlmObserve.Api.Events;

/// <summary>Decompresses a body while it arrives.</summary>
internal static class GzipBody
{
    /// <summary>
    /// Without this the framework takes a stream that was cut short for a whole one. It is read once in a process, so it must be set before
    /// anything is decompressed: adding the feature does.
    /// </summary>
    public static void RefuseCutShort() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", isEnabled: true);

    /// <summary>Reading throws <see cref="InvalidDataException"/> where the bytes are not gzip, damaged or cut short.</summary>
    public static Stream Open(Stream compressed) => new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
}
