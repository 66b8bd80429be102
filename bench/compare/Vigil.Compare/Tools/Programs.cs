using System.Diagnostics;

namespace Vigil.Compare.Tools;

/// <summary>Finding programs, running them to their end, and asking them for their version.</summary>
internal static class Programs
{
    /// <summary>The program's file on PATH, or the bare name where there is none.</summary>
    public static string Find(string name)
    {
        string folders = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        return folders.Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? name;
    }

    public static string FirstLine(string program, string argument)
    {
        try
        {
            string output = Run(program, [argument], mayFail: true);
            return output.Split('\n')[0].Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "not found";
        }
    }

    /// <summary>
    /// Runs a program to its end and returns its standard output; an exit status other than 0 is an error.
    /// </summary>
    public static string Run(string program, IEnumerable<string> arguments, bool mayFail = false)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 && !mayFail)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {error.Result.Trim()}");
        }

        return output;
    }
}
