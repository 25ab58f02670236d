using System.Security.Cryptography;

namespace LlmObserve.Storage.Postgres;

/// <summary>Files and directories that only their owner may touch, written so that a crash leaves the old or the new content.</summary>
public static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;

    // Others may pass through to what is theirs below, but neither list nor read what is ours.
    private const UnixFileMode PassThroughDirectory = OwnerDirectory | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Creates the directory where it is missing, and its parents.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="passThrough">Whether other users may reach what they own below it.</param>
    public static void CreateDirectory(string path, bool passThrough = false)
    {
        var mode = passThrough ? PassThroughDirectory : OwnerDirectory;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // What exists already is somebody's choice: a home opened to everyone is not ours to give.
        if (Directory.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(path, mode);
        if (passThrough)
        {
            // The mask of the shell may have taken the bits away.
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Writes a file whole, on disk before this returns. Only the owner may read it.</summary>
    public static void Write(string path, string content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var temporary = path + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The secret kept in a file; made from <paramref name="bytes"/> random bytes, in hexadecimal, at first use.</summary>
    public static string ReadOrCreateSecret(string path, int bytes)
    {
        if (!File.Exists(path))
        {
            Write(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes)) + "\n");
        }

        return File.ReadAllText(path).Trim();
    }
}
