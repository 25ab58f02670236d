using LlmObserve.Storage.Postgres;
using LlmObserve.Storage.SharedKeys;

namespace LlmObserve.Silo;

/// <summary>What one installation keeps on disk beside its database: the keys that sign and protect what goes out.</summary>
public sealed class DataDirectory
{
    // As many bytes as the tokens' HMAC-SHA256 puts out.
    private const int SigningKeyBytes = 32;

    private readonly byte[] _signingKey;

    private DataDirectory(string path, byte[] signingKey)
    {
        Path = path;
        _signingKey = signingKey;
    }

    /// <summary>Where it is, in full.</summary>
    public string Path { get; }

    /// <summary>The folder of the keys that protect the dashboard's cookies and forms.</summary>
    public string ProtectionKeys => System.IO.Path.Combine(Path, "keys");

    /// <summary>The folder of mails where no server takes them.</summary>
    public string Mail => System.IO.Path.Combine(Path, "mail");

    /// <summary>
    /// 32 random bytes, made at the first start and kept in <c>signing.key</c>, which only the owner may read. On a cluster the first process's is
    /// everybody's: <paramref name="shared"/> keeps it.
    /// </summary>
    public async Task<byte[]> SigningKeyAsync(SharedKeysStore? shared, CancellationToken cancellationToken) => shared is null
        ? _signingKey
        : Convert.FromHexString(await shared.GetOrAddAsync("signing", Convert.ToHexString(_signingKey), cancellationToken));

    /// <summary>Opens the directory, making what is missing.</summary>
    /// <exception cref="StartFailedException">It cannot be used, or its key is damaged.</exception>
    public static DataDirectory Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var file = System.IO.Path.Combine(full, "signing.key");
        try
        {
            PrivateFiles.CreateDirectory(full, passThrough: Environment.IsPrivilegedProcess);
            PrivateFiles.CreateDirectory(System.IO.Path.Combine(full, "keys"));
            var key = Convert.FromHexString(PrivateFiles.ReadOrCreateSecret(file, SigningKeyBytes));
            return key.Length >= SigningKeyBytes
                ? new DataDirectory(full, key)
                : throw new FormatException($"It holds {key.Length} bytes of {SigningKeyBytes}.");
        }
        catch (FormatException damaged)
        {
            throw new StartFailedException(
                $"{file} is damaged: {damaged.Message} Delete it to have a new one made; everybody then signs in again.", damaged);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new StartFailedException($"The data directory {full} cannot be used: {denied.Message} Choose another with --data.", denied);
        }
    }
}
