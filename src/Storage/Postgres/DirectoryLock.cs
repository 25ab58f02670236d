namespace LlmObserve.Storage.Postgres;

/// <summary>Keeps two processes off one data directory. The system lets go of it when the process ends, however it ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    public static DirectoryLock Take(string path, string dataDirectory)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (File.Exists(path))
        {
            var holder = ReadHolder(path);
            throw new DataDirectoryInUseException(
                $"Another LLMObserve{(holder is null ? "" : $" (process {holder})")} already runs on {dataDirectory}. " +
                "Stop it first, or give this one a directory of its own with --data.",
                taken);
        }

        // Beside it, since a locked file cannot be read.
        File.WriteAllText(HolderOf(path), $"{Environment.ProcessId}\n");
        return new DirectoryLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static string HolderOf(string path) => path + ".process";

    private static string? ReadHolder(string path) => File.Exists(HolderOf(path)) ? File.ReadAllText(HolderOf(path)).Trim() : null;
}
